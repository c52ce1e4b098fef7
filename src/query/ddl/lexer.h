// Words, names, strings and symbols of Hive's DDL, with where each begins. Names may stand in `back quotes` or "double
// quotes"; strings in 'single' or, where a string is expected, "double" quotes, with Hive's escapes (\t, \001, \u0001).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace millrace::query {

struct DdlToken {
    enum class Kind : uint8_t { word, quoted_name, string, double_quoted, number, symbol, end };
    Kind kind = Kind::end;
    std::string text;  // unquoted and unescaped; words as written
    size_t begin = 0;  // bytes into the statement
    size_t end = 0;

    bool is(std::string_view upper_word) const;  // a word, whatever its case
    bool is_symbol(char symbol) const { return kind == Kind::symbol && text[0] == symbol; }
};

// Comments and white space go. The last token is of kind end. invalid_argument where a quote is not closed.
Result<std::vector<DdlToken>> tokenize_ddl(std::string_view sql);

// "line 1:14", lines from 1 and columns from 1, as Athena's messages count them.
std::string position_of(std::string_view sql, size_t at);

}  // namespace millrace::query
