// The words of a PartiQL statement. Comments are -- to the end of the line, and between /* and */.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace millrace::table::partiql {

enum class TokenKind : uint8_t { word, quoted, text, number, symbol, end };

struct Token {
    TokenKind kind = TokenKind::end;
    std::string value;      // a quoted name's and a text's without quotes; a word's, number's and symbol's as written
    std::string_view text;  // as written
    size_t line = 1;        // from 1
    size_t column = 1;      // in characters, from 1
};

// "Statement wasn't well formed, can't be processed: " and the detail, which may be empty as AWS's sometimes is.
Error malformed(std::string_view detail);

// The last token is `end`. invalid_argument where a character begins no word or a quote does not close.
Result<std::vector<Token>> tokens_of(std::string_view statement);

bool is_word(const Token& token, std::string_view upper_case);  // in any case; never a quoted one
std::string lower_case(std::string_view word);
// " at LINE:COLUMN:LENGTH"
std::string place_of(const Token& token);

}  // namespace millrace::table::partiql
