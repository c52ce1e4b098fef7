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

struct WrittenAttribute {
    const Index* index;
    KeyNames::At key;
    const AttributeValue* value;
};

bool writes(const Update& update, const std::string& name) {
    const auto& written = update.written();
    return std::any_of(written.begin(), written.end(),
                       [&](const Path& path) { return !path.empty() && path.front().name == name; });
}

std::vector<WrittenAttribute> written_attributes(const TableDefinition& definition, const Item& item,
                                                 const Update* update) {
    std::vector<const Index*> indexes;
    for (const Index& index : definition.indexes) {
        if (index.state != IndexState::deleting) indexes.push_back(&index);
    }
    std::sort(indexes.begin(), indexes.end(), [](const Index* a, const Index* b) { return a->name < b->name; });
    std::vector<WrittenAttribute> attributes;
    for (const Index* index : indexes) {
        for (size_t i = 0; i < index->key.size(); ++i) {
            const KeyNames::At key = index->key.at(i);
            if (update != nullptr && !writes(*update, key.name)) continue;
            if (const AttributeValue* value = item.find(key.name)) attributes.push_back({index, key, value});
        }
    }
    return attributes;
}

// What the part of the key that the attribute is of has together, also where this write leaves the others alone.
size_t part_bytes(const WrittenAttribute& attribute, const Item& item) {
    const KeyNames& key = attribute.index->key;
    if (!key.is_multiple()) return counted_bytes(*attribute.value);
    size_t bytes = 0;
    for (size_t i = 0; i < key.size(); ++i) {
        const KeyNames::At other = key.at(i);
        const AttributeValue* value =
            other.is_partition == attribute.key.is_partition ? item.find(other.name) : nullptr;
        if (value != nullptr && value->type() == other.type) bytes += counted_bytes(*value);
    }
    return bytes;
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
    for (size_t i = 0; i < index.key.size(); ++i) copy_attribute(item, index.key.at(i).name, &projected);
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
    const std::vector<WrittenAttribute> attributes = written_attributes(definition, item, update);
    for (const auto& [index, key, value] : attributes) {
        if (value->type() == key.type) continue;
        return refuse("One or more parameter values were invalid: Type mismatch for Index Key " + key.name +
                      " Expected: " + std::string(name_of(key.type)) +
                      " Actual: " + std::string(name_of(value->type())) + " IndexName: " + index->name);
    }
    for (const auto& [index, key, value] : attributes) {
        if (counted_bytes(*value) > 0) continue;
        const std::string empty = std::string("The AttributeValue for a key attribute cannot contain an empty ") +
                                  (key.type == Type::S ? "string" : "binary") + " value.";
        if (update != nullptr) {
            return refuse(
                "One or more parameter values are not valid. The update expression attempted to update a secondary "
                "index key to a value that is not supported. " +
                empty);
        }
        return refuse(
            "One or more parameter values are not valid. A value specified for a secondary index key is not "
            "supported. " +
            empty + " IndexName: " + index->name + ", IndexKey: " + key.name);
    }
    for (const WrittenAttribute& attribute : attributes) {
        const size_t bytes = part_bytes(attribute, item);
        if (attribute.key.is_partition && bytes > partition_key_bytes_max) {
            return refuse(
                "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 "
                "bytes");
        }
        if (!attribute.key.is_partition && bytes > sort_key_bytes_max) {
            return refuse(
                "One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size "
                "limit of 1024 bytes");
        }
    }
    return {};
}

}  // namespace millrace::table::engine
