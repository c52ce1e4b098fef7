// Values as Athena writes them into its CSV results:
//   doubles      1.0, 1.0E10, NaN, Infinity (Java's Double.toString)
//   timestamps   2021-01-01 00:00:00.000, with " UTC" behind it where they have a zone
//   binary       68 65 6c
//   nested       [a, b], {k=v}, {name=value}; NULL inside is null
// Fields are quoted, quotes doubled; NULL is an empty field without quotes
// (https://docs.aws.amazon.com/athena/latest/ug/querying-finding-output-files.html).
#pragma once

#include <string>
#include <string_view>

#include "src/query/engine.h"

namespace duckdb {
class DataChunk;
struct LogicalType;
class Value;
}  // namespace duckdb

namespace millrace::query {

// Shortest text that reads back as the same number, spelled as Java does.
std::string java_double(double value);
std::string java_float(float value);

// Athena's description of a column of DuckDB's type.
ResultColumn describe_column(std::string_view name, const duckdb::LogicalType& type);

// Appends the text of one value; "null" for NULL (nested values only: a row's NULL is an empty field).
void append_trino_text(const duckdb::Value& value, std::string* out);

// Appends a field in quotes, quotes doubled.
void append_csv_field(std::string_view text, std::string* out);
// Appends a chunk's rows as lines of CSV.
void append_csv_rows(const duckdb::DataChunk& chunk, std::string* out);

}  // namespace millrace::query
