// What tables, their indexes and their change streams are called from outside.
//   arn:aws:dynamodb:REGION:ACCOUNT:table/NAME[/index/INDEX | /stream/LABEL | /backup/ID | /export/ID | /import/ID]
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "src/base/scope.h"
#include "src/table/definition.h"

namespace millrace::table {

struct TableArn {
    Scope scope;
    std::string table;
    std::string kind;  // "", "index", "stream", "backup", "export", "import"
    std::string part;  // what follows the kind
};
// nullopt where it is not the ARN of one of these.
std::optional<TableArn> parse_arn(std::string_view text);

std::string arn_of(const Scope& scope, std::string_view table);
std::string arn_of(const TableDefinition& table);
std::string arn_of(const TableDefinition& table, const Index& index);
std::string arn_of(const TableDefinition& table, const ChangeStream& stream);

// The stream of that label, on or off; null where there is none. Valid while the definition lives.
const ChangeStream* find_stream(const TableDefinition& table, std::string_view label);

}  // namespace millrace::table
