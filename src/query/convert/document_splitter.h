// Several JSON objects in one record, with white space between them or nothing: where each ends.
#pragma once

#include <string_view>

namespace millrace::query {

// Takes the first document off `rest` (leading white space skipped): an object up to the brace that closes it, counted
// outside strings; anything else, and an object that does not end, up to the end of `rest`. Empty at the end. Says
// nothing about whether it is JSON: that is the parser's.
std::string_view take_document(std::string_view& rest);

}  // namespace millrace::query
