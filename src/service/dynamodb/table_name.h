// Which table a request means: by its name, or by its ARN.
#pragma once

#include <string>
#include <string_view>

#include "src/aws/call.h"
#include "src/table/definition.h"

namespace millrace::table {
class Tables;
}

namespace millrace::service::dynamodb {

// The name in "orders" or "arn:aws:dynamodb:REGION:ACCOUNT:table/orders". ValidationException in AWS's words where it
// is neither; AccessDeniedException for another account's, ResourceNotFoundException for another region's. `place`:
// where the request has it, "tableName".
aws::Outcome<std::string> table_name(const aws::CallContext& context, std::string_view given,
                                     std::string_view place = "tableName");
// ValidationException where it can not be the name of a table: 3 to 255 of [a-zA-Z0-9_.-].
std::optional<aws::Failure> check_table_name(std::string_view name, std::string_view place = "tableName");

// The table, for the control plane: "Requested resource not found: Table: orders not found".
aws::Outcome<table::TableRef> find_table(table::Tables& tables, const aws::CallContext& context, std::string_view given,
                                         std::string_view place = "tableName");

}  // namespace millrace::service::dynamodb
