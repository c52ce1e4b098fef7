// From Athena's SQL to DuckDB's: what parses in both but means something else, by rewriting the parsed statement - and
// the allow-list of what may run at all, checked on the same walk: one statement, SELECT or EXPLAIN of one; tables by
// name; table functions unnest, range and generate_series only. (The walls that hold without it are in lockdown.h.)
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "duckdb/common/unique_ptr.hpp"

#include "src/base/result.h"

namespace duckdb {
class SelectStatement;
}

namespace millrace::query {

struct DialectOptions {
    std::string catalog;
    std::string database;                 // of unqualified tables
    std::vector<std::string> parameters;  // SQL literals, one for each `?`
    bool name_columns = true;             // _col0, _col1... for what has no name, as the outermost SELECT does
};

struct RewrittenQuery {
    duckdb::unique_ptr<duckdb::SelectStatement> select;
    bool explain = false;
    bool analyze = false;
};

// invalid_argument with Athena's words where it does not parse or is not allowed.
Result<RewrittenQuery> rewrite_query(const std::string& sql, const DialectOptions& options);

// A column's name that stands for "_colN", N being known only once stars are expanded.
bool is_unnamed_column(std::string_view name);

// The schema that a rewritten table name carries through DuckDB's binder, and back.
std::string encode_table_schema(std::string_view catalog, std::string_view database);
bool decode_table_schema(std::string_view schema, std::string* catalog, std::string* database);

}  // namespace millrace::query
