// Does a string match one of the model's patterns? Compiled once each, kept for ever. Any thread.
#pragma once

#include <string_view>

#include "src/aws/schema.h"

namespace millrace::aws {

bool matches(const Shape& shape, std::string_view text);

// Characters as AWS counts them (UTF-16 units).
size_t utf16_length(std::string_view text);

}  // namespace millrace::aws
