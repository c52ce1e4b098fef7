// The parts of a key that sort. The type is not written: a key's schema knows it.
//
//   N      = number.h's encoding, which sorts and knows its end
//   S, B   = (byte, or 0x00 0xff for each 0x00)* 0x00 0x01
//
// So a string that another one begins with sorts before it, and what follows in the key never takes part.
#include <cstring>

#include "src/table/value/item_codec.h"

namespace millrace::table {
namespace {

constexpr char escaped_zero = '\xff';
constexpr char end = '\x01';

void append_escaped(std::string_view text, std::string* out) {
    while (true) {
        const size_t zero = text.find('\0');
        out->append(text.substr(0, zero));
        out->push_back('\0');
        if (zero == std::string_view::npos) break;
        out->push_back(escaped_zero);
        text.remove_prefix(zero + 1);
    }
    out->push_back(end);
}

Result<std::string> take_escaped(std::string_view* in) {
    std::string text;
    while (true) {
        const size_t zero = in->find('\0');
        if (zero == std::string_view::npos || zero + 1 == in->size()) break;
        text.append(in->substr(0, zero));
        const char mark = (*in)[zero + 1];
        in->remove_prefix(zero + 2);
        if (mark == end) return text;
        if (mark != escaped_zero) break;
        text.push_back('\0');
    }
    return Error{ErrorCode::corruption, "a key's bytes are damaged"};
}

}  // namespace

void append_key_value(const AttributeValue& value, std::string* out) {
    if (const auto* number = value.as<Number>()) {
        out->append(number->encoded());
    } else if (const auto* binary = value.as<Binary>()) {
        append_escaped(binary->bytes, out);
    } else {
        const auto* text = value.as<std::string>();
        MILLRACE_CHECK(text != nullptr);
        append_escaped(*text, out);
    }
}

Result<AttributeValue> take_key_value(std::string_view* in, Type type) {
    AttributeValue value;
    if (type == Type::N) {
        TRY_ASSIGN(value.value, Number::take(in));
        return value;
    }
    MILLRACE_CHECK(type == Type::S || type == Type::B);
    TRY_ASSIGN(std::string text, take_escaped(in));
    if (type == Type::S) {
        value.value = std::move(text);
    } else {
        value.value = Binary{std::move(text)};
    }
    return value;
}

}  // namespace millrace::table
