// The tokens of Ion text that an item can have. https://amazon-ion.github.io/ion-docs/docs/spec.html
#pragma once

#include <string>
#include <string_view>

#include "src/base/result.h"

namespace millrace::table {

// Over text that outlives it and is UTF-8. Errors are invalid_argument and say how far it got.
class IonLexer {
  public:
    explicit IonLexer(std::string_view text) : text_(text) {}

    // White space and comments. Invalid where a comment does not end.
    Status skip_blanks();
    bool at_end() const { return at_ == text_.size(); }
    bool is_next(std::string_view what) const { return text_.substr(at_).starts_with(what); }
    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    // Moves past `what`, if it comes next.
    bool take(std::string_view what);

    // What comes next, by its first character: "..." or '''...''' (some of these in a row are one string), 'x' or an
    // identifier, {{...}}, and all characters up to a delimiter.
    Result<std::string> string();
    Result<std::string> symbol();
    Result<std::string> blob();  // its bytes
    std::string_view token();

    bool is_string_next() const { return peek() == '"' || is_next("'''"); }
    bool is_symbol_next() const;

    Error wrong(std::string_view what) const;  // "not Ion: WHAT, at byte N"

  private:
    Status quoted(std::string_view quote, std::string* out);
    Status escape(std::string* out);
    Result<uint32_t> hex(size_t digits);

    std::string_view text_;
    size_t at_ = 0;
};

// The number of a token in the form that Number::parse takes. Ints, also 0x and 0b where 64 bits hold them, and
// decimals; invalid_argument for floats, timestamps and what is no number.
Result<std::string> ion_number(std::string_view token);

}  // namespace millrace::table
