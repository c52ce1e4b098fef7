// Hive's column types, as Glue stores them and Athena's DDL writes them: "bigint", "array<struct<a:int,b:string>>",
// "decimal(10,2)". The same type has three more spellings: DuckDB's, Athena's in results, and Trino's in SQL.
// Grammar: https://docs.aws.amazon.com/athena/latest/ug/data-types.html
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace millrace::query {

struct HiveType {
    enum class Kind : uint8_t {
        boolean,
        tinyint,
        smallint,
        integer,
        bigint,
        float32,
        float64,
        decimal,
        character,  // char(n)
        varchar,    // varchar(n)
        string,
        binary,
        date,
        timestamp,
        array,      // one child
        map,        // two children
        structure,  // named children
    };
    Kind kind = Kind::string;
    int32_t precision = 0;  // decimal's; the length of char and varchar
    int32_t scale = 0;
    std::vector<HiveType> children;
    std::vector<std::string> names;  // of a structure's children

    bool nested() const { return kind >= Kind::array; }
};

// invalid_argument, naming the text, where it is not a type that Athena has, or is nested deeper than 64.
Result<HiveType> parse_hive_type(std::string_view text);

std::string to_hive(const HiveType& type);    // canonical: lower case, no spaces
std::string to_duckdb(const HiveType& type);  // as DuckDB's CAST takes it

// `name` in double quotes, doubled inside.
std::string quote_identifier(std::string_view name);
// `text` in single quotes, doubled inside.
std::string quote_literal(std::string_view text);

}  // namespace millrace::query
