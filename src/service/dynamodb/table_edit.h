// Changing a table's definition and its settings in one step.
#pragma once

#include <functional>
#include <optional>

#include "src/aws/call.h"
#include "src/service/dynamodb/table_settings.h"
#include "src/table/tables.h"

namespace millrace::service::dynamodb {

class DynamoDb;

// ResourceInUseException, LimitExceededException.
aws::Outcome<table::TableRef> make_table(DynamoDb& self, table::TableDefinition definition,
                                         const TableSettings& settings);

// Under the definitions' lock, on the newest definition: `change` may refuse, and nothing has happened then.
using Edit = std::function<std::optional<aws::Failure>(table::TableDefinition*, TableSettings*)>;
aws::Outcome<table::TableRef> edit_table(table::Tables& tables, const Scope& scope, const std::string& name,
                                         const Edit& change);

// ResourceInUseException while it is being made.
std::optional<aws::Failure> check_not_changing(const table::TableDefinition& table);

}  // namespace millrace::service::dynamodb
