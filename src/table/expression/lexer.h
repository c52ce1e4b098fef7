// The words of an expression's text.
//
//   identifier   letter (letter | digit | '_')*          and AND, OR, NOT, BETWEEN, IN, SET, ... in any case
//   name         '#' (letter | digit | '_')+
//   value        ':' (letter | digit | '_')+
//   integer      digit+
//   symbol       = <> < <= > >= + - ( ) [ ] , .
//
// Any other character is a word of its own that no grammar takes. White space: blank, tab, CR, LF.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::table {

enum class TokenKind : uint8_t { identifier, name, value, integer, symbol, other, end };

struct Token {
    TokenKind kind = TokenKind::end;
    std::string_view text;  // of the expression's text; "" at the end
    size_t begin = 0;       // in it
};

// At least one token: the last is `end`. `text` outlives them.
std::vector<Token> tokens_of(std::string_view text);

// Whether a token is this identifier in any case.
bool is_keyword(const Token& token, std::string_view upper_case);

// `Syntax error; token: "=", near: "= ="`: the token, and the text from the one before it to the one after.
std::string syntax_error(std::string_view text, const std::vector<Token>& tokens, size_t at);

}  // namespace millrace::table
