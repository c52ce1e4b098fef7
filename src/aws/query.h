// awsQuery: inputs as forms (Action=X&Tags.member.1.Key=a), and the form and URL texts that S3 and routing read too.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/aws/decoding.h"
#include "src/aws/schema.h"

namespace millrace::aws {

constexpr size_t form_fields_max = 20'000;

// Decodes %XX, and '+' to a space where `form`. False where a % is not followed by two hexadecimal digits.
bool percent_decode(std::string_view text, bool form, std::string* out);

using Field = std::pair<std::string, std::string>;
using Fields = std::vector<Field>;
// "a=b&c" in its order, decoded. False for bad escapes or more than form_fields_max fields.
bool parse_form(std::string_view text, Fields* out);

// Fills `out` from a form's fields. Returns false with decoding.refused set where a value has the wrong form.
bool decode_query(const Shape& shape, Fields fields, void* out, Decoding& decoding);

}  // namespace millrace::aws
