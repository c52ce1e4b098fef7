#include "src/catalog/hive_type.h"

#include <array>
#include <optional>

namespace millrace::catalog {

namespace {

using Kind = HiveType::Kind;

constexpr int depth_max = 64;
constexpr int decimal_precision_max = 38;
constexpr int decimal_precision_default = 10;
constexpr int varchar_length_max = 65535;
constexpr int char_length_max = 255;
constexpr size_t text_bytes_max = 128 << 10;  // Glue takes 131072 characters

struct Name {
    std::string_view text;
    Kind kind;
};
// The first name of a kind is the one that to_string() writes.
constexpr std::array names{
    Name{"boolean", Kind::boolean}, Name{"tinyint", Kind::tinyint}, Name{"smallint", Kind::smallint},
    Name{"int", Kind::integer},     Name{"integer", Kind::integer}, Name{"bigint", Kind::bigint},
    Name{"float", Kind::float32},   Name{"real", Kind::float32},    Name{"double", Kind::float64},
    Name{"decimal", Kind::decimal}, Name{"numeric", Kind::decimal}, Name{"dec", Kind::decimal},
    Name{"string", Kind::string},   Name{"varchar", Kind::varchar}, Name{"char", Kind::character},
    Name{"binary", Kind::binary},   Name{"date", Kind::date},       Name{"timestamp", Kind::timestamp},
    Name{"array", Kind::array},     Name{"map", Kind::map},         Name{"struct", Kind::structure},
};

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

class Parser {
  public:
    explicit Parser(std::string_view text) : text_(text) {}

    Result<HiveType> parse_all() {
        if (text_.size() > text_bytes_max) return Error{ErrorCode::invalid_argument, "a column type is too long"};
        TRY_ASSIGN(HiveType type, parse_type(0));
        skip_space();
        if (at_ != text_.size()) return fail("nothing more");
        return type;
    }

  private:
    Error fail(std::string_view expected) const {
        return {ErrorCode::invalid_argument, "\"" + std::string(text_.substr(0, 200)) +
                                                 "\" is not a column type: expected " + std::string(expected) +
                                                 " at character " + std::to_string(at_ + 1)};
    }

    void skip_space() {
        while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    }

    bool take(char c) {
        skip_space();
        if (at_ == text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }

    std::string take_lower_word() {
        skip_space();
        std::string word;
        for (; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            const bool upper = c >= 'A' && c <= 'Z';
            if (!upper && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_') break;
            word.push_back(upper ? static_cast<char>(c - 'A' + 'a') : c);
        }
        return word;
    }

    // Hive takes any character that does not end the name; ours may be quoted with backticks.
    std::string take_field_name() {
        skip_space();
        if (take('`')) {
            const size_t end = text_.find('`', at_);
            if (end == std::string_view::npos) return {};
            std::string name(text_.substr(at_, end - at_));
            at_ = end + 1;
            return name;
        }
        const size_t begin = at_;
        while (at_ < text_.size() && std::string_view(":<>,() \t\r\n").find(text_[at_]) == std::string_view::npos)
            ++at_;
        return std::string(text_.substr(begin, at_ - begin));
    }

    Result<int> take_number(int min, int max) {
        skip_space();
        const size_t begin = at_;
        int number = 0;
        while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
            number = number * 10 + (text_[at_++] - '0');
            if (number > max) break;
        }
        if (at_ == begin || number < min || number > max) {
            return fail("a number from " + std::to_string(min) + " to " + std::to_string(max));
        }
        return number;
    }

    Result<HiveType> parse_type(int depth) {
        if (depth > depth_max) return fail("fewer than 64 levels");
        const std::string word = take_lower_word();
        std::optional<Kind> kind;
        for (const Name& name : names) {
            if (name.text == word) kind = name.kind;
        }
        if (!kind) {
            if (word == "uniontype" || word.starts_with("interval") || word == "void") {
                return Error{ErrorCode::unsupported, "columns of type " + word + " are not supported"};
            }
            return fail("the name of a type");
        }
        HiveType type;
        type.kind = *kind;
        switch (type.kind) {
            case Kind::float64: {  // "double precision" is Hive's too
                const size_t before = at_;
                if (take_lower_word() != "precision") at_ = before;
                return type;
            }
            case Kind::decimal:
                return parse_decimal(std::move(type));
            case Kind::varchar:
                return parse_length(std::move(type), varchar_length_max);
            case Kind::character:
                return parse_length(std::move(type), char_length_max);
            case Kind::array:
                return parse_children(std::move(type), 1, depth);
            case Kind::map:
                return parse_children(std::move(type), 2, depth);
            case Kind::structure:
                return parse_fields(std::move(type), depth);
            default:
                return type;
        }
    }

    Result<HiveType> parse_decimal(HiveType type) {
        type.precision = decimal_precision_default;
        if (!take('(')) return type;
        TRY_ASSIGN(type.precision, take_number(1, decimal_precision_max));
        if (take(',')) {
            TRY_ASSIGN(type.scale, take_number(0, type.precision));
        }
        if (!take(')')) return fail("\")\"");
        return type;
    }

    // varchar without a length is what Athena's own DDL makes of VARCHAR: no bound (precision 0).
    Result<HiveType> parse_length(HiveType type, int max) {
        if (!take('(')) return type;
        TRY_ASSIGN(type.precision, take_number(1, max));
        if (!take(')')) return fail("\")\"");
        return type;
    }

    Result<HiveType> parse_children(HiveType type, size_t count, int depth) {
        if (!take('<')) return fail("\"<\"");
        for (size_t i = 0; i < count; ++i) {
            if (i > 0 && !take(',')) return fail("\",\"");
            TRY_ASSIGN(HiveType child, parse_type(depth + 1));
            type.children.push_back(std::move(child));
        }
        if (!take('>')) return fail("\">\"");
        return type;
    }

    Result<HiveType> parse_fields(HiveType type, int depth) {
        if (!take('<')) return fail("\"<\"");
        do {
            std::string name = take_field_name();
            if (name.empty()) return fail("the name of a field");
            if (!take(':')) return fail("\":\"");
            TRY_ASSIGN(HiveType child, parse_type(depth + 1));
            type.field_names.push_back(std::move(name));
            type.children.push_back(std::move(child));
        } while (take(','));
        if (!take('>')) return fail("\">\"");
        return type;
    }

    std::string_view text_;
    size_t at_ = 0;
};

std::string_view name_of(Kind kind) {
    for (const Name& name : names) {
        if (name.kind == kind) return name.text;
    }
    return "string";
}

std::string field_name(const std::string& name) {
    return name.find_first_of(":<>,() \t\r\n") == std::string::npos ? name : "`" + name + "`";
}

}  // namespace

Result<HiveType> parse_hive_type(std::string_view text) {
    return Parser(text).parse_all();
}

std::string to_string(const HiveType& type) {
    std::string text(name_of(type.kind));
    if (type.kind == Kind::decimal) {
        return text + "(" + std::to_string(type.precision) + "," + std::to_string(type.scale) + ")";
    }
    if (type.precision > 0) return text + "(" + std::to_string(type.precision) + ")";
    if (type.children.empty()) return text;
    text += '<';
    for (size_t i = 0; i < type.children.size(); ++i) {
        if (i > 0) text += ',';
        if (type.kind == Kind::structure) text += field_name(type.field_names[i]) + ":";
        text += to_string(type.children[i]);
    }
    return text + ">";
}

}  // namespace millrace::catalog
