// What the kinds of patterns share: reading their text, and comparing a value.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace millrace::service::logs {

class Lexer {
  public:
    explicit Lexer(std::string_view text) : text_(text) {}
    void skip_space();
    bool at_end();                            // of all but space
    bool accept(std::string_view what);       // after space
    bool accept_word(std::string_view what);  // in any case, and not a part of a longer word
    char peek();                              // after space; '\0' at the end
    // Letters, digits, '_' and '-'; "" where there are none.
    std::string_view name();
    Result<std::string> quoted(char quote);  // after its opening; a backslash takes the next character as it is
    // Up to space or one of `stops`.
    std::string_view until(std::string_view stops);
    Error error(std::string_view what) const;  // "Invalid filter pattern: what at character 7"

  private:
    std::string_view text_;
    size_t at_ = 0;
};

// A value that something is compared to: text with '*' for anything, and perhaps a number.
struct Comparison {
    enum class Operator : uint8_t { equal, unequal, less, less_or_equal, greater, greater_or_equal };
    Operator how = Operator::equal;
    std::string text;
    std::optional<double> number;

    bool holds(std::string_view value) const;
    bool holds(double value, std::string_view as_text) const;
};

// OPERATOR VALUE; `stops` end an unquoted value.
Result<Comparison> read_comparison(Lexer& lexer, std::string_view stops);
std::optional<double> number_of(std::string_view text);

}  // namespace millrace::service::logs
