#include "src/query/hive_type.h"

#include <cctype>
#include <utility>

namespace millrace::query {

namespace {

using Kind = HiveType::Kind;

std::string quote(std::string_view text, char mark) {
    std::string quoted(1, mark);
    for (const char c : text) {
        quoted += c;
        if (c == mark) quoted += mark;
    }
    quoted += mark;
    return quoted;
}

void lower_field_names(HiveType* type) {
    for (std::string& name : type->field_names) {
        for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    for (HiveType& child : type->children) lower_field_names(&child);
}

}  // namespace

Result<HiveType> parse_hive_type(std::string_view text) {
    TRY_ASSIGN(HiveType type, catalog::parse_hive_type(text));
    lower_field_names(&type);
    return type;
}

bool is_nested(const HiveType& type) {
    return !type.children.empty();
}

std::string to_duckdb(const HiveType& type) {
    switch (type.kind) {
        case Kind::boolean:
            return "BOOLEAN";
        case Kind::tinyint:
            return "TINYINT";
        case Kind::smallint:
            return "SMALLINT";
        case Kind::integer:
            return "INTEGER";
        case Kind::bigint:
            return "BIGINT";
        case Kind::float32:
            return "FLOAT";
        case Kind::float64:
            return "DOUBLE";
        case Kind::decimal:
            return "DECIMAL(" + std::to_string(type.precision) + "," + std::to_string(type.scale) + ")";
        case Kind::character:
        case Kind::varchar:
        case Kind::string:
            return "VARCHAR";
        case Kind::binary:
            return "BLOB";
        case Kind::date:
            return "DATE";
        case Kind::timestamp:
            return "TIMESTAMP";
        case Kind::array:
            return to_duckdb(type.children[0]) + "[]";
        case Kind::map:
            return "MAP(" + to_duckdb(type.children[0]) + "," + to_duckdb(type.children[1]) + ")";
        case Kind::structure: {
            std::string text = "STRUCT(";
            for (size_t i = 0; i < type.children.size(); ++i) {
                if (i > 0) text += ",";
                text += quote_identifier(type.field_names[i]) + " " + to_duckdb(type.children[i]);
            }
            return text + ")";
        }
    }
    return "VARCHAR";
}

std::string quote_identifier(std::string_view name) {
    return quote(name, '"');
}

std::string quote_literal(std::string_view text) {
    return quote(text, '\'');
}

}  // namespace millrace::query
