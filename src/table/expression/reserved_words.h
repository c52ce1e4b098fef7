// Words that an expression may not use as an attribute's name, only behind a #name.
#pragma once

#include <string_view>

namespace millrace::table {

bool is_reserved(std::string_view word);  // in any case

}  // namespace millrace::table
