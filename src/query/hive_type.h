// A column's Hive type (src/catalog/hive_type.h) in DuckDB's spelling, and quoting for its SQL.
#pragma once

#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/catalog/hive_type.h"

namespace millrace::query {

using catalog::HiveType;

// As the catalog's, but names of fields in lower case, as Athena shows them. The catalog's errors.
Result<HiveType> parse_hive_type(std::string_view text);

bool is_nested(const HiveType& type);
std::string to_duckdb(const HiveType& type);  // as DuckDB's CAST takes it

// `name` in double quotes, doubled inside.
std::string quote_identifier(std::string_view name);
// `text` in single quotes, doubled inside.
std::string quote_literal(std::string_view text);

}  // namespace millrace::query
