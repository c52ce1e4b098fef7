// A table of the catalog as something DuckDB can read: SQL text over its own readers, with the catalog's schema on top.
// The catalog's columns are the truth: found by name, whatever their case or order in the file; NULL where the file has
// none; cast where its type differs.
#pragma once

#include <string>

#include "src/base/result.h"
#include "src/query/table_description.h"

namespace duckdb {
class DatabaseInstance;
}

namespace millrace::query {

// "SELECT ... FROM lake_parquet([...], ...)". `with_path` adds the column "$path". invalid_argument where a column's
// type is not one that Athena has; unsupported where the reader cannot do what the SerDe's properties ask.
Result<std::string> scan_sql(const TableDescription& table, bool with_path);

// Makes the functions that scan_sql's text calls.
void register_table_functions(duckdb::DatabaseInstance& database);

}  // namespace millrace::query
