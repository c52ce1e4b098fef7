// What an item's key must be to go into its table, in AWS's words.
#pragma once

#include <optional>

#include "src/aws/failure.h"
#include "src/table/definition.h"

namespace millrace::service::dynamodb {

// Key of GetItem, UpdateItem, DeleteItem: exactly the table's key attributes, of their types.
std::optional<aws::Failure> check_key(const table::TableDefinition& table, const table::Item& key);
// Item of PutItem: has the key, and fits the indexes. (Its size is checked before, without its table.)
std::optional<aws::Failure> check_item(const table::TableDefinition& table, const table::Item& item);
// The type and size of one value of a key attribute, for key conditions and starting keys.
std::optional<aws::Failure> check_key_value(std::string_view name, table::Type type, bool is_partition,
                                            const table::AttributeValue* value);

// "Key attributes must be scalars; ..." where a path goes into a key attribute of the table or of an index.
std::optional<aws::Failure> check_key_paths(const table::TableDefinition& table, const std::vector<table::Path>& paths);
// "Cannot update attribute x. This attribute is part of the key".
std::optional<aws::Failure> check_written(const table::TableDefinition& table, const table::Update& update);

// The bytes of a key, for telling two items of a batch apart. The key was checked.
std::string key_bytes(const table::TableDefinition& table, const table::Item& item);

}  // namespace millrace::service::dynamodb
