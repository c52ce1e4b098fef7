// Hive's column types, as Glue keeps them in text: "bigint", "decimal(10,2)",
// "array<struct<a:int,b:map<string,date>>>".
//
//   type   = name [ "(" number [ "," number ] ")" ]
//          | "array" "<" type ">" | "map" "<" type "," type ">" | "struct" "<" field { "," field } ">"
//   field  = name ":" type
//
// Names of types are in any case; white space between tokens is allowed. Names of fields keep their case.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace millrace::catalog {

struct HiveType {
    enum class Kind : uint8_t {
        boolean,
        tinyint,
        smallint,
        integer,  // "int", "integer"
        bigint,
        float32,  // "float", "real"
        float64,  // "double", "double precision"
        decimal,  // "decimal", "numeric", "dec"
        string,
        varchar,
        character,  // "char"
        binary,
        date,
        timestamp,
        array,
        map,
        structure,
    };
    Kind kind = Kind::string;
    int precision = 0;               // decimal: 1..38, 10 where not given; varchar 1..65535 and char 1..255: the length
    int scale = 0;                   // decimal
    std::vector<HiveType> children;  // array: the element; map: key, value; struct: the fields
    std::vector<std::string> field_names;  // struct

    bool operator==(const HiveType&) const = default;
};

// Errors: invalid_argument (not of the grammar, a bound exceeded, nested deeper than 64), unsupported (uniontype,
// interval and what else Hive has but neither Athena nor Parquet through Firehose takes). The message names the type.
Result<HiveType> parse_hive_type(std::string_view text);

// The canonical text: lower case, no white space.
std::string to_string(const HiveType& type);

}  // namespace millrace::catalog
