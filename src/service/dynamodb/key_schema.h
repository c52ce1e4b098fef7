// AttributeDefinitions and KeySchema: which attributes are of keys, what their types are, and which keys they make.
// Checked in AWS's order and words.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/dynamodb/shapes.h"

#include "src/aws/failure.h"
#include "src/table/definition.h"

namespace millrace::service::dynamodb {

using Attributes = std::vector<std::pair<std::string, table::Type>>;
using KeySchema = std::vector<aws::dynamodb::KeySchemaElement>;

// "[a, b]", as AWS's sentences list names.
std::string listed(const std::vector<std::string>& names);

std::optional<aws::Failure> add_attributes(const std::vector<aws::dynamodb::AttributeDefinition>& definitions,
                                           Attributes* attributes);
// A table and a local index have two elements at most. `place`: where the schema is in the request.
std::optional<aws::Failure> check_two_at_most(const KeySchema& schema, std::string_view place);
// Of a table or a local index; the schema has one element or two.
aws::Outcome<table::KeyNames> key_names(const KeySchema& schema, const Attributes& attributes);
// Of a global index; the schema has an element.
aws::Outcome<table::KeyNames> global_key_names(const KeySchema& schema, const Attributes& attributes);
// Every attribute that is defined must be of some key.
std::optional<aws::Failure> check_used(const table::TableDefinition& definition, const Attributes& attributes);

}  // namespace millrace::service::dynamodb
