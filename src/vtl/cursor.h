// A place in a template's text, and what both halves of the parser (parser.cc, expression_parser.cc) need of it.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/vtl/syntax.h"

namespace millrace::vtl {

constexpr int nesting_max = 100;  // of blocks and expressions in a text

inline bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
inline bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
inline bool is_blank(char c) {
    return c == ' ' || c == '\t';
}
inline bool is_space(char c) {
    return is_blank(c) || c == '\n' || c == '\r';
}

class Cursor {
  public:
    explicit Cursor(std::string_view text) : text_(text) {}

    size_t at = 0;
    int depth = 0;

    bool end() const { return at >= text_.size(); }
    char peek(size_t ahead = 0) const { return at + ahead < text_.size() ? text_[at + ahead] : '\0'; }
    bool starts(std::string_view what) const { return text_.substr(std::min(at, text_.size())).starts_with(what); }
    bool take(std::string_view what) {
        if (!starts(what)) return false;
        at += what.size();
        return true;
    }
    std::string_view from(size_t begin) const { return text_.substr(begin, at - begin); }
    std::string_view text() const { return text_; }
    void skip_space() {
        while (!end() && is_space(peek())) ++at;
    }
    void skip_blanks() {
        while (!end() && is_blank(peek())) ++at;
    }
    // "" where there is none. Velocity's names may hold '-'.
    std::string_view identifier() {
        const size_t begin = at;
        if (end() || !is_letter(peek())) return {};
        while (!end() && (is_letter(peek()) || is_digit(peek()) || peek() == '-')) ++at;
        return from(begin);
    }
    Error error(std::string_view what) const {
        const std::string_view before = text_.substr(0, std::min(at, text_.size()));
        const size_t line = static_cast<size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
        const size_t newline = before.rfind('\n');
        const size_t column = before.size() - (newline == std::string_view::npos ? 0 : newline + 1) + 1;
        return {ErrorCode::invalid_argument,
                std::string(what) + " at line " + std::to_string(line) + ", column " + std::to_string(column)};
    }

  private:
    std::string_view text_;
};

// Counts nesting while it lives.
class Nested {
  public:
    explicit Nested(Cursor& cursor) : cursor_(cursor) { ++cursor_.depth; }
    ~Nested() { --cursor_.depth; }
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;
    bool too_deep() const { return cursor_.depth > nesting_max; }

  private:
    Cursor& cursor_;
};

// At '$': true and *out where a reference follows; false, and the cursor where it was, where '$' is text.
Result<bool> parse_reference(Cursor& cursor, Reference* out);
// After blanks: a whole expression, or one operand of it (macro arguments).
Result<ExpressionRef> parse_expression(Cursor& cursor);
Result<ExpressionRef> parse_operand(Cursor& cursor);

}  // namespace millrace::vtl
