#include "src/service/dynamodb/keys.h"

#include "src/service/dynamodb/errors.h"
#include "src/table/engine/index_entries.h"
#include "src/table/key_limits.h"
#include "src/table/value/item_codec.h"

namespace millrace::service::dynamodb {
namespace {

using table::AttributeValue;
using table::Item;
using table::TableDefinition;
using table::Type;

std::optional<aws::Failure> check_size(std::string_view name, bool is_partition, const AttributeValue& value) {
    const size_t bytes = counted_bytes(value);
    if (bytes == 0) {
        return validation(
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
            "empty " +
            std::string(value.type() == Type::S ? "string" : "binary") + " value. Key: " + std::string(name));
    }
    if (is_partition && bytes > table::partition_key_bytes_max) {
        return invalid_parameter("Size of hashkey has exceeded the maximum size limit of2048 bytes");
    }
    if (!is_partition && bytes > table::sort_key_bytes_max) {
        return invalid_parameter("Aggregated size of all range keys has exceeded the size limit of 1024 bytes");
    }
    return std::nullopt;
}

std::optional<aws::Failure> check_item_key(std::string_view name, Type type, bool is_partition, const Item& item) {
    const AttributeValue* value = item.find(name);
    if (value == nullptr) return invalid_parameter("Missing the key " + std::string(name) + " in the item");
    if (value->type() != type) {
        return invalid_parameter("Type mismatch for key " + std::string(name) + " expected: " +
                                 std::string(name_of(type)) + " actual: " + std::string(name_of(value->type())));
    }
    return check_size(name, is_partition, *value);
}

// "Key: x" of the table's, "IndexKey: x" of an index's; "" where `name` is no key attribute.
std::string key_role(const TableDefinition& table, std::string_view name) {
    if (table.key.has(name)) return "Key: " + std::string(name);
    for (const table::Index& index : table.indexes) {
        if (index.key.has(name)) return "IndexKey: " + std::string(name);
    }
    return {};
}

}  // namespace

std::optional<aws::Failure> check_key_value(std::string_view name, Type type, bool is_partition,
                                            const AttributeValue* value) {
    if (value == nullptr || value->type() != type) {
        return validation("The provided key element does not match the schema");
    }
    return check_size(name, is_partition, *value);
}

std::optional<aws::Failure> check_key(const TableDefinition& table, const Item& key) {
    const table::KeyNames& names = table.key;
    if (key.size() != (names.sort.empty() ? 1u : 2u)) {
        return validation("The provided key element does not match the schema");
    }
    if (auto failure = check_key_value(names.partition, names.partition_type, true, key.find(names.partition))) {
        return failure;
    }
    if (names.sort.empty()) return std::nullopt;
    return check_key_value(names.sort, names.sort_type, false, key.find(names.sort));
}

std::optional<aws::Failure> check_item(const TableDefinition& table, const Item& item) {
    const table::KeyNames& names = table.key;
    if (auto failure = check_item_key(names.partition, names.partition_type, true, item)) return failure;
    if (!names.sort.empty()) {
        if (auto failure = check_item_key(names.sort, names.sort_type, false, item)) return failure;
    }
    if (Status fits = table::engine::check_index_keys(table, item, nullptr); !fits) {
        return validation(fits.error().message);
    }
    return std::nullopt;
}

std::optional<aws::Failure> check_key_paths(const TableDefinition& table, const std::vector<table::Path>& paths) {
    for (const table::Path& path : paths) {
        if (path.size() < 2) continue;
        const std::string role = key_role(table, path.front().name);
        if (role.empty()) continue;
        return validation(
            "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: " + role);
    }
    return std::nullopt;
}

std::optional<aws::Failure> check_written(const TableDefinition& table, const table::Update& update) {
    for (const table::Path& path : update.written()) {
        const std::string& name = path.front().name;
        if (!table.key.has(name)) continue;
        return invalid_parameter("Cannot update attribute " + name + ". This attribute is part of the key");
    }
    return check_key_paths(table, update.written());
}

std::string key_bytes(const TableDefinition& table, const Item& item) {
    std::string bytes;
    append_key_value(*item.find(table.key.partition), &bytes);
    if (!table.key.sort.empty()) append_key_value(*item.find(table.key.sort), &bytes);
    return bytes;
}

}  // namespace millrace::service::dynamodb
