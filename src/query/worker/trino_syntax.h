// What Trino's grammar allows and DuckDB's does not, rewritten in the text before it is parsed:
//   array(T), array<T>   as a type       -> T[]        CAST(x AS array(bigint))
//   VALUES 1, 2          rows of one     -> VALUES (1), (2)
// Quoted text and comments pass untouched.
#pragma once

#include <string>
#include <string_view>

namespace millrace::query {

std::string translate_syntax(std::string_view sql);

}  // namespace millrace::query
