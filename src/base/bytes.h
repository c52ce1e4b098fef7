// Bytes are std::string, borrowed bytes std::string_view: both carry zeroes, and every library takes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace millrace {

using Bytes = std::string;
using ByteView = std::string_view;

std::string hex_encode(ByteView bytes);  // lower case
// Returns false (and leaves *out unspecified) for odd length or a character outside [0-9a-fA-F].
bool hex_decode(std::string_view text, Bytes* out);

}  // namespace millrace
