// Plain values as the text of XML elements, forms, headers, query parameters and labels.
#pragma once

#include <string>
#include <string_view>

#include "src/aws/schema.h"

namespace millrace::aws {

// Reads boolean, numbers, string, blob (base64) and timestamp (any of AWS's formats). False where the text is not one.
bool parse_scalar(const Shape& shape, std::string_view text, void* out);

// Appends the value as text; `fallback` is the timestamp format where neither member nor shape names one.
void append_scalar(const Shape& shape, TimestampFormat format, TimestampFormat fallback, const void* value,
                   std::string& out);

bool is_scalar(const Shape& shape);

}  // namespace millrace::aws
