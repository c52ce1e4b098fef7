// Texts of URLs: percent-encoding, and forms (query strings and application/x-www-form-urlencoded bodies).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace {

constexpr size_t form_fields_max = 20'000;

// Decodes %XX, and '+' to a space where `form`. False where a % is not followed by two hexadecimal digits.
bool percent_decode(std::string_view text, bool form, std::string* out);
// Appends text with everything but [A-Za-z0-9-._~] as %XX; '/' stays where `keep_slash`.
void append_uri_encoded(std::string_view text, bool keep_slash, std::string* out);

using Field = std::pair<std::string, std::string>;
using Fields = std::vector<Field>;
// "a=b&c" in its order, decoded. False for bad escapes or more than form_fields_max fields.
bool parse_form(std::string_view text, Fields* out);

}  // namespace millrace
