#include "src/table/value/item_ion.h"

#include <algorithm>
#include <array>

#include "src/base/base64.h"

namespace millrace::table {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Names that need no quotes. ($ begins symbol ids and what Ion keeps for itself: quoted, it is but a name.)
bool is_plain(std::string_view name) {
    constexpr std::array<std::string_view, 4> keywords = {"null", "true", "false", "nan"};
    return !name.empty() && is_letter(name[0]) &&
           std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c) || c == '$'; }) &&
           std::find(keywords.begin(), keywords.end(), name) == keywords.end();
}

void append_quoted(std::string_view text, char quote, std::string* out) {
    out->push_back(quote);
    for (const char c : text) {
        const auto byte = static_cast<uint8_t>(c);
        if (c == quote || c == '\\') {
            out->push_back('\\');
            out->push_back(c);
        } else if (c == '\n') {
            out->append("\\n");
        } else if (byte < 0x20 || byte == 0x7f) {
            out->append("\\x");
            out->push_back(hex_digits[byte >> 4]);
            out->push_back(hex_digits[byte & 15]);
        } else {
            out->push_back(c);
        }
    }
    out->push_back(quote);
}

void append_blob(std::string_view bytes, std::string* out) {
    out->append("{{");
    out->append(base64_encode(bytes));
    out->append("}}");
}

template <class Members, class Each>
void append_list(const Members& members, std::string* out, Each&& each) {
    out->push_back('[');
    bool first = true;
    for (const auto& member : members) {
        if (!first) out->push_back(',');
        first = false;
        each(member);
    }
    out->push_back(']');
}

struct Appender {
    std::string* out;
    void operator()(const std::string& text) const { append_quoted(text, '"', out); }
    void operator()(const Number& number) const { append_ion_decimal(number, out); }
    void operator()(const Binary& binary) const { append_blob(binary.bytes, out); }
    void operator()(bool value) const { out->append(value ? "true" : "false"); }
    void operator()(Null) const { out->append("null"); }
    void operator()(const AttributeMap& map) const { append_ion(map, out); }
    void operator()(const List& list) const {
        append_list(list, out, [&](const AttributeValue& value) { append_ion(value, out); });
    }
    void operator()(const StringSet& set) const {
        out->append("$dynamodb_SS::");
        append_list(set.members, out, [&](const std::string& text) { append_quoted(text, '"', out); });
    }
    void operator()(const NumberSet& set) const {
        out->append("$dynamodb_NS::");
        append_list(set.members, out, [&](const Number& number) { append_ion_decimal(number, out); });
    }
    void operator()(const BinarySet& set) const {
        out->append("$dynamodb_BS::");
        append_list(set.members, out, [&](const std::string& bytes) { append_blob(bytes, out); });
    }
};

}  // namespace

// As short as the number is: 600 is 6d2. A point says that a whole number is a decimal and no int.
void append_ion_decimal(const Number& number, std::string* out) {
    constexpr int zeroes_max = 6;  // after the point; where there were more, an exponent
    std::string text = number.text();
    if (text[0] == '-') {
        out->push_back('-');
        text.erase(0, 1);
    }
    const size_t point = text.find('.');
    if (point == std::string::npos) {
        const size_t digits = text.find_last_not_of('0') + 1;
        if (digits == 0 || digits == text.size()) {
            out->append(text).push_back('.');
        } else {
            out->append(text, 0, digits).append("d").append(std::to_string(text.size() - digits));
        }
        return;
    }
    const size_t first = text.find_first_of("123456789");
    if (first == std::string::npos || first <= point + zeroes_max) {
        out->append(text);
    } else {
        out->append(text, first).append("d-").append(std::to_string(text.size() - point - 1));
    }
}

void append_ion(const Item& item, std::string* out) {
    out->push_back('{');
    bool first = true;
    for (const auto& [name, value] : item) {
        if (!first) out->push_back(',');
        first = false;
        if (is_plain(name)) {
            out->append(name);
        } else {
            append_quoted(name, '\'', out);
        }
        out->push_back(':');
        append_ion(value, out);
    }
    out->push_back('}');
}

void append_ion(const AttributeValue& value, std::string* out) {
    std::visit(Appender{out}, value.value);
}

}  // namespace millrace::table
