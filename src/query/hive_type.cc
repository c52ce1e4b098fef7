#include "src/query/hive_type.h"

#include <array>
#include <cctype>
#include <utility>

namespace millrace::query {

namespace {

using Kind = HiveType::Kind;

constexpr int nesting_max = 64;

struct NamedKind {
    std::string_view name;
    Kind kind;
};
// Synonyms follow the canonical name.
constexpr std::array<NamedKind, 22> scalar_kinds{{
    {"boolean", Kind::boolean},
    {"tinyint", Kind::tinyint},
    {"smallint", Kind::smallint},
    {"int", Kind::integer},
    {"integer", Kind::integer},
    {"bigint", Kind::bigint},
    {"long", Kind::bigint},
    {"float", Kind::float32},
    {"real", Kind::float32},
    {"double", Kind::float64},
    {"decimal", Kind::decimal},
    {"numeric", Kind::decimal},
    {"char", Kind::character},
    {"varchar", Kind::varchar},
    {"string", Kind::string},
    {"binary", Kind::binary},
    {"date", Kind::date},
    {"timestamp", Kind::timestamp},
    {"datetime", Kind::timestamp},
    {"array", Kind::array},
    {"map", Kind::map},
    {"struct", Kind::structure},
}};

class Parser {
  public:
    explicit Parser(std::string_view text) : text_(text) {}

    Result<HiveType> whole() {
        TRY_ASSIGN(HiveType type, one(0));
        skip_space();
        if (at_ != text_.size()) return wrong();
        return type;
    }

  private:
    Error wrong() const {
        return {ErrorCode::invalid_argument, "'" + std::string(text_.substr(0, 256)) + "' is not a column type"};
    }
    void skip_space() {
        while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
    }
    bool take(char wanted) {
        skip_space();
        if (at_ >= text_.size() || text_[at_] != wanted) return false;
        ++at_;
        return true;
    }
    std::string word() {
        skip_space();
        std::string found;
        while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_')) {
            found += static_cast<char>(std::tolower(static_cast<unsigned char>(text_[at_++])));
        }
        return found;
    }
    static std::string lower(std::string text) {
        for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        return text;
    }
    // A structure's field: anything up to the colon, or quoted with back quotes. In lower case, as Athena shows it.
    std::string field_name() {
        skip_space();
        std::string found;
        if (take('`')) {
            while (at_ < text_.size() && text_[at_] != '`') found += text_[at_++];
            if (at_ < text_.size()) ++at_;
            return lower(std::move(found));
        }
        while (at_ < text_.size() && text_[at_] != ':' && text_[at_] != ',' && text_[at_] != '<' && text_[at_] != '>') {
            found += text_[at_++];
        }
        while (!found.empty() && std::isspace(static_cast<unsigned char>(found.back()))) found.pop_back();
        return lower(std::move(found));
    }
    bool number(int32_t* out) {
        const std::string digits = word();
        if (digits.empty() || digits.size() > 5) return false;
        int32_t value = 0;
        for (const char digit : digits) {
            if (digit < '0' || digit > '9') return false;
            value = value * 10 + (digit - '0');
        }
        *out = value;
        return true;
    }

    Result<HiveType> one(int depth) {
        if (depth > nesting_max) return wrong();
        const std::string name = word();
        HiveType type;
        bool known = false;
        for (const NamedKind& entry : scalar_kinds) {
            if (entry.name == name) {
                type.kind = entry.kind;
                known = true;
            }
        }
        if (!known) return wrong();
        switch (type.kind) {
            case Kind::decimal:
                type.precision = 10;
                if (take('(')) {
                    if (!number(&type.precision)) return wrong();
                    if (take(',') && !number(&type.scale)) return wrong();
                    if (!take(')')) return wrong();
                }
                if (type.precision < 1 || type.precision > 38 || type.scale > type.precision) return wrong();
                return type;
            case Kind::character:
            case Kind::varchar:
                if (take('(')) {
                    if (!number(&type.precision) || !take(')')) return wrong();
                }
                return type;
            case Kind::array: {
                if (!take('<')) return wrong();
                TRY_ASSIGN(HiveType item, one(depth + 1));
                type.children.push_back(std::move(item));
                if (!take('>')) return wrong();
                return type;
            }
            case Kind::map: {
                if (!take('<')) return wrong();
                TRY_ASSIGN(HiveType key, one(depth + 1));
                if (!take(',')) return wrong();
                TRY_ASSIGN(HiveType value, one(depth + 1));
                type.children.push_back(std::move(key));
                type.children.push_back(std::move(value));
                if (!take('>')) return wrong();
                return type;
            }
            case Kind::structure:
                if (!take('<')) return wrong();
                do {
                    std::string field = field_name();
                    if (field.empty() || !take(':')) return wrong();
                    TRY_ASSIGN(HiveType value, one(depth + 1));
                    type.names.push_back(std::move(field));
                    type.children.push_back(std::move(value));
                } while (take(','));
                if (!take('>')) return wrong();
                return type;
            default:
                return type;
        }
    }

    std::string_view text_;
    size_t at_ = 0;
};

std::string quote(std::string_view text, char mark) {
    std::string quoted(1, mark);
    for (const char c : text) {
        quoted += c;
        if (c == mark) quoted += mark;
    }
    quoted += mark;
    return quoted;
}

}  // namespace

Result<HiveType> parse_hive_type(std::string_view text) {
    return Parser(text).whole();
}

std::string to_hive(const HiveType& type) {
    switch (type.kind) {
        case Kind::decimal:
            return "decimal(" + std::to_string(type.precision) + "," + std::to_string(type.scale) + ")";
        case Kind::character:
            return type.precision > 0 ? "char(" + std::to_string(type.precision) + ")" : "char";
        case Kind::varchar:
            return type.precision > 0 ? "varchar(" + std::to_string(type.precision) + ")" : "varchar";
        case Kind::array:
            return "array<" + to_hive(type.children[0]) + ">";
        case Kind::map:
            return "map<" + to_hive(type.children[0]) + "," + to_hive(type.children[1]) + ">";
        case Kind::structure: {
            std::string text = "struct<";
            for (size_t i = 0; i < type.children.size(); ++i) {
                if (i > 0) text += ",";
                text += type.names[i] + ":" + to_hive(type.children[i]);
            }
            return text + ">";
        }
        default:
            for (const NamedKind& entry : scalar_kinds) {
                if (entry.kind == type.kind) return std::string(entry.name);
            }
            return "string";
    }
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
                text += quote_identifier(type.names[i]) + " " + to_duckdb(type.children[i]);
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
