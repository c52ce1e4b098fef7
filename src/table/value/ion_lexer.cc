#include "src/table/value/ion_lexer.h"

#include <charconv>

#include "src/base/base64.h"

namespace millrace::table {
namespace {

constexpr std::string_view blanks = " \t\r\n\v\f";

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_identifier(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || is_digit(c);
}

void append_utf8(uint32_t code, std::string* out) {
    const auto tail = [&](int shift) { out->push_back(static_cast<char>(0x80 | ((code >> shift) & 0x3f))); };
    if (code < 0x80) {
        out->push_back(static_cast<char>(code));
    } else if (code < 0x800) {
        out->push_back(static_cast<char>(0xc0 | (code >> 6)));
        tail(0);
    } else if (code < 0x10000) {
        out->push_back(static_cast<char>(0xe0 | (code >> 12)));
        tail(6);
        tail(0);
    } else {
        out->push_back(static_cast<char>(0xf0 | (code >> 18)));
        tail(12);
        tail(6);
        tail(0);
    }
}

Error no_type(std::string_view what, std::string_view token) {
    return {ErrorCode::invalid_argument,
            "DynamoDB has no type for Ion's " + std::string(what) + ": " + std::string(token.substr(0, 100))};
}

Error no_number(std::string_view token) {
    return {ErrorCode::invalid_argument, "not a number of Ion: " + std::string(token.substr(0, 100))};
}

// Digits with underscores between them, which go; false where there are none, or an underscore is at an end.
bool take_digits(std::string_view* token, std::string* out) {
    const size_t before = out->size();
    bool digit = false;
    while (!token->empty()) {
        const char c = token->front();
        if (c == '_' ? !digit : !is_digit(c)) break;
        digit = c != '_';
        if (digit) out->push_back(c);
        token->remove_prefix(1);
    }
    return digit && out->size() > before;
}

Result<std::string> whole_in_base(std::string_view token, std::string_view digits, bool negative, int base) {
    std::string plain;
    for (size_t i = 0; i < digits.size(); ++i) {
        if (digits[i] != '_') {
            plain.push_back(digits[i]);
        } else if (i == 0 || i + 1 == digits.size() || digits[i - 1] == '_') {
            return no_number(token);
        }
    }
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), value, base);
    if (plain.empty() || error != std::errc() || end != plain.data() + plain.size()) return no_number(token);
    return (negative ? "-" : "") + std::to_string(value);
}

}  // namespace

Error IonLexer::wrong(std::string_view what) const {
    return {ErrorCode::invalid_argument, "not Ion: " + std::string(what) + ", at byte " + std::to_string(at_)};
}

bool IonLexer::take(std::string_view what) {
    if (!is_next(what)) return false;
    at_ += what.size();
    return true;
}

Status IonLexer::skip_blanks() {
    for (;;) {
        const size_t next = text_.find_first_not_of(blanks, at_);
        at_ = next == std::string_view::npos ? text_.size() : next;
        if (take("//")) {
            const size_t end = text_.find('\n', at_);
            at_ = end == std::string_view::npos ? text_.size() : end;
        } else if (take("/*")) {
            const size_t end = text_.find("*/", at_);
            if (end == std::string_view::npos) return wrong("a comment that does not end");
            at_ = end + 2;
        } else {
            return {};
        }
    }
}

bool IonLexer::is_symbol_next() const {
    const char c = peek();
    return (c == '\'' && !is_next("'''")) || (is_identifier(c) && !is_digit(c));
}

Result<std::string> IonLexer::string() {
    std::string text;
    if (peek() == '"') {
        TRY(quoted("\"", &text));
        return text;
    }
    while (is_next("'''")) {
        TRY(quoted("'''", &text));
        TRY(skip_blanks());
    }
    return text;
}

Result<std::string> IonLexer::symbol() {
    std::string text;
    if (peek() == '\'') {
        TRY(quoted("'", &text));
        return text;
    }
    const size_t begin = at_;
    while (is_identifier(peek())) ++at_;
    text = text_.substr(begin, at_ - begin);
    if (text.size() > 1 && text[0] == '$' && text.find_first_not_of("0123456789", 1) == std::string::npos) {
        return wrong("the symbol " + text + " is of no symbol table");
    }
    return text;
}

Result<std::string> IonLexer::blob() {
    MILLRACE_CHECK(take("{{"));
    std::string base64;
    for (;; ++at_) {
        const char c = peek();
        if (at_end()) return wrong("a blob that does not end");
        if (c == '"' || c == '\'') return no_type("clob", text_.substr(at_, 20));
        if (c == '}') break;
        if (blanks.find(c) == std::string_view::npos) base64.push_back(c);
    }
    std::string bytes;
    if (!take("}}") || !base64_decode(base64, &bytes)) return wrong("a blob that is not base64");
    return bytes;
}

std::string_view IonLexer::token() {
    const size_t begin = at_;
    const size_t end = text_.find_first_of(" \t\r\n\v\f{}[](),\"'/", at_);
    at_ = end == std::string_view::npos ? text_.size() : end;
    return text_.substr(begin, at_ - begin);
}

Status IonLexer::quoted(std::string_view quote, std::string* out) {
    MILLRACE_CHECK(take(quote));
    const bool is_long = quote.size() > 1;
    while (!take(quote)) {
        if (at_end()) return wrong("text that does not end");
        const char c = text_[at_];
        if (c == '\\') {
            ++at_;
            TRY(escape(out));
            continue;
        }
        if (static_cast<uint8_t>(c) < 0x20 && c != '\t' && c != '\v' && c != '\f' &&
            !(is_long && (c == '\n' || c == '\r'))) {
            return wrong("a control character in text");
        }
        ++at_;
        if (c == '\r') {  // a line's end is one LF, however it was written
            take("\n");
            out->push_back('\n');
        } else {
            out->push_back(c);
        }
    }
    return {};
}

Result<uint32_t> IonLexer::hex(size_t digits) {
    uint32_t value = 0;
    const std::string_view text = text_.substr(at_, digits);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (text.size() != digits || error != std::errc() || end != text.data() + digits) return wrong("an escape");
    at_ += digits;
    return value;
}

Status IonLexer::escape(std::string* out) {
    constexpr std::string_view letters = "0abtnfrv\"'?\\/", meanings("\0\a\b\t\n\f\r\v\"'?\\/", 13);
    if (at_end()) return wrong("text that does not end");
    const char c = text_[at_++];
    if (const size_t known = letters.find(c); known != std::string_view::npos) {
        out->push_back(meanings[known]);
        return {};
    }
    if (c == '\n' || c == '\r') {
        if (c == '\r') take("\n");
        return {};
    }
    if (c != 'x' && c != 'u' && c != 'U') return wrong("an escape");
    TRY_ASSIGN(uint32_t code, hex(c == 'x' ? 2 : c == 'u' ? 4 : 8));
    if (code >= 0xd800 && code < 0xdc00 && take("\\u")) {
        TRY_ASSIGN(const uint32_t low, hex(4));
        if (low < 0xdc00 || low > 0xdfff) return wrong("half a character");
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    if ((code >= 0xd800 && code < 0xe000) || code > 0x10ffff) return wrong("half a character");
    append_utf8(code, out);
    return {};
}

Result<std::string> ion_number(std::string_view token) {
    std::string_view rest = token;
    std::string out;
    const bool negative = rest.starts_with('-');
    if (negative) rest.remove_prefix(1);
    if (rest.starts_with("0x") || rest.starts_with("0X")) return whole_in_base(token, rest.substr(2), negative, 16);
    if (rest.starts_with("0b") || rest.starts_with("0B")) return whole_in_base(token, rest.substr(2), negative, 2);
    if (negative) out.push_back('-');
    const bool zero_first = rest.starts_with('0');
    const size_t before = out.size();
    if (!take_digits(&rest, &out)) return token.ends_with("inf") ? no_type("float", token) : no_number(token);
    if (rest.starts_with('T') || (out.size() - before == 4 && rest.starts_with('-'))) {
        return no_type("timestamp", token);
    }
    if (zero_first && out.size() - before > 1) return no_number(token);
    if (rest.starts_with('.')) {
        out.push_back('.');
        rest.remove_prefix(1);
        if (!rest.empty() && is_digit(rest[0]) && !take_digits(&rest, &out)) return no_number(token);
    }
    if (rest.starts_with('e') || rest.starts_with('E')) return no_type("float", token);
    if (rest.starts_with('d') || rest.starts_with('D')) {
        rest.remove_prefix(1);
        out.push_back('e');
        if (rest.starts_with('-') || rest.starts_with('+')) {
            out.push_back(rest[0]);
            rest.remove_prefix(1);
        }
        if (!take_digits(&rest, &out)) return no_number(token);
    }
    if (!rest.empty()) return no_number(token);
    return out;
}

}  // namespace millrace::table
