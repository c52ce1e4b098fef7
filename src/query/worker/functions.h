// Trino's functions that DuckDB lacks or means otherwise. Each is registered as "trino_NAME"; the rewriter (dialect.h)
// sends calls of NAME there. What still differs is listed in src/query/README.md.
#pragma once

#include <string>
#include <string_view>

namespace duckdb {
class Connection;
class DatabaseInstance;
}  // namespace duckdb

namespace millrace::query {

class Parent;

// `parent` outlives the database. Throws duckdb::Exception for a mistake of ours in a definition.
void register_functions(duckdb::DatabaseInstance& database, duckdb::Connection& connection, Parent& parent);

// Whether a call of `name` (lower case) goes to "trino_NAME".
bool has_trino_function(std::string_view name);

// MySQL's format specifiers (date_format, date_parse) and Joda's (format_datetime, parse_datetime) in strftime's.
// Both throw duckdb::InvalidInputException for one that strftime has no match for.
std::string strftime_of_mysql(std::string_view format);
std::string strftime_of_joda(std::string_view format);

}  // namespace millrace::query
