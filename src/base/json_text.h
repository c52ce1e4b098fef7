// JSON text, written: the one place that escapes.
#pragma once

#include <string>
#include <string_view>

namespace millrace {

// Appends a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string_view text, std::string& out);
// What stands between the quotes; the text is UTF-8 already.
void append_json_escaped(std::string_view text, std::string& out);

}  // namespace millrace
