// Carries a parsed statement out against the catalog. Nothing here touches an object but by listing (MSCK REPAIR
// TABLE).
#pragma once

#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/base/scope.h"
#include "src/query/ddl/statement.h"
#include "src/query/engine.h"

namespace millrace::catalog {
class Lake;
}
namespace millrace::object {
class Store;
}

namespace millrace::query {

struct DdlOutcome {
    std::vector<ResultColumn> columns;
    std::vector<std::vector<std::string>> rows;
};

// `database` is what unqualified names mean. Errors carry Athena's words ("FAILED: SemanticException ...").
Result<DdlOutcome> execute_ddl(const DdlStatement& statement, const Scope& scope, const std::string& database,
                               catalog::Lake& lake, object::Store& objects);

// Hive's patterns: * is anything, | is or; whole names, whatever the case.
bool matches_pattern(std::string_view name, std::string_view pattern);

// "dt=2021-01-01/hour=5": values as Hive writes them into paths.
std::string partition_path(const std::vector<catalog::Column>& keys, const std::vector<std::string>& values);

// The text that would create the table again.
std::string create_table_text(const catalog::Table& table);

}  // namespace millrace::query
