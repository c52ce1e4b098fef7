#include "src/table/engine/index_entries.h"

#include <algorithm>

#include "src/table/key_limits.h"
#include "src/table/value/item_codec.h"

namespace millrace::table::engine {
namespace {

void copy_attribute(const Item& from, const std::string& name, Item* to) {
    if (name.empty()) return;
    if (const AttributeValue* value = from.find(name)) to->set(name, *value);
}

struct KeyAttribute {
    const Index* index;
    const std::string* name;
    Type type;
    bool is_partition;
    const AttributeValue* value;
};

std::vector<KeyAttribute> key_attributes(const TableDefinition& definition, const Item& item, const Update* update) {
    std::vector<const Index*> indexes;
    for (const Index& index : definition.indexes) {
        if (index.state != IndexState::deleting) indexes.push_back(&index);
    }
    std::sort(indexes.begin(), indexes.end(), [](const Index* a, const Index* b) { return a->name < b->name; });
    std::vector<KeyAttribute> attributes;
    const auto add = [&](const Index* index, const std::string& name, Type type, bool is_partition) {
        if (name.empty()) return;
        if (update != nullptr) {
            const auto& written = update->written();
            const bool touched = std::any_of(written.begin(), written.end(), [&](const Path& path) {
                return !path.empty() && path.front().name == name;
            });
            if (!touched) return;
        }
        if (const AttributeValue* value = item.find(name)) {
            attributes.push_back({index, &name, type, is_partition, value});
        }
    };
    for (const Index* index : indexes) {
        add(index, index->key.partition, index->key.partition_type, true);
        add(index, index->key.sort, index->key.sort_type, false);
    }
    return attributes;
}

size_t key_bytes(const AttributeValue& value) {
    if (const auto* text = value.as<std::string>()) return text->size();
    if (const auto* binary = value.as<Binary>()) return binary->bytes.size();
    return 1;  // a number always fits
}

Error refuse(std::string sentence) {
    return Error{ErrorCode::invalid_argument, std::move(sentence)};
}

}  // namespace

std::string index_value(const Index& index, const KeyNames& table, const Item& item, std::string_view encoded) {
    if (index.projection.kind == Projection::Kind::all) return std::string(encoded);
    Item projected;
    copy_attribute(item, table.partition, &projected);
    copy_attribute(item, table.sort, &projected);
    copy_attribute(item, index.key.partition, &projected);
    copy_attribute(item, index.key.sort, &projected);
    if (index.projection.kind == Projection::Kind::include) {
        for (const std::string& name : index.projection.attributes) copy_attribute(item, name, &projected);
    }
    return encode_item(projected);
}

Item keys_of(const KeyNames& names, const Item& item) {
    Item keys;
    copy_attribute(item, names.partition, &keys);
    copy_attribute(item, names.sort, &keys);
    return keys;
}

std::optional<uint64_t> expiry_second(const TableDefinition& definition, const Item& item) {
    if (definition.ttl_id == 0) return std::nullopt;
    const AttributeValue* value = item.find(definition.ttl_attribute);
    if (value == nullptr) return std::nullopt;
    const auto* number = value->as<Number>();
    if (number == nullptr) return std::nullopt;
    // A fraction of a second is passed over; most numbers have none.
    int64_t second = 0;
    if (!number->to_int64(&second)) {
        const std::string digits = number->text();
        const Result<Number> whole = Number::parse(std::string_view(digits).substr(0, digits.find('.')));
        if (!whole.ok() || !whole->to_int64(&second)) return std::nullopt;
    }
    if (second < 0) return std::nullopt;
    return static_cast<uint64_t>(second);
}

bool has_expired(uint64_t expiry_s, int64_t now_s) {
    const auto now = static_cast<uint64_t>(std::max<int64_t>(now_s, 0));
    return expiry_s < now && expiry_s + expired_seconds_max >= now;
}

Status check_index_keys(const TableDefinition& definition, const Item& item, const Update* update) {
    if (definition.indexes.empty()) return {};
    const std::vector<KeyAttribute> attributes = key_attributes(definition, item, update);
    for (const KeyAttribute& attribute : attributes) {
        if (attribute.value->type() == attribute.type) continue;
        return refuse("One or more parameter values were invalid: Type mismatch for Index Key " + *attribute.name +
                      " Expected: " + std::string(name_of(attribute.type)) + " Actual: " +
                      std::string(name_of(attribute.value->type())) + " IndexName: " + attribute.index->name);
    }
    for (const KeyAttribute& attribute : attributes) {
        if (key_bytes(*attribute.value) > 0) continue;
        const std::string empty = std::string("The AttributeValue for a key attribute cannot contain an empty ") +
                                  (attribute.type == Type::S ? "string" : "binary") + " value.";
        if (update != nullptr) {
            return refuse(
                "One or more parameter values are not valid. The update expression attempted to update a secondary "
                "index key to a value that is not supported. " +
                empty);
        }
        return refuse(
            "One or more parameter values are not valid. A value specified for a secondary index key is not "
            "supported. " +
            empty + " IndexName: " + attribute.index->name + ", IndexKey: " + *attribute.name);
    }
    for (const KeyAttribute& attribute : attributes) {
        const size_t bytes = key_bytes(*attribute.value);
        if (attribute.is_partition && bytes > partition_key_bytes_max) {
            return refuse(
                "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 "
                "bytes");
        }
        if (!attribute.is_partition && bytes > sort_key_bytes_max) {
            return refuse(
                "One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size "
                "limit of 1024 bytes");
        }
    }
    return {};
}

}  // namespace millrace::table::engine
