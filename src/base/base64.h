// Base64 (RFC 4648, section 4) with AVX2 where the processor has it, else portable code. AWS's JSON protocols carry
// every blob so: this runs once per byte of every record.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace millrace {

constexpr size_t base64_encoded_size(size_t bytes) {
    return (bytes + 2) / 3 * 4;
}
// Room that base64_decode may write: at least the decoded size, plus slack for whole-vector stores.
constexpr size_t base64_decode_capacity(size_t text_size) {
    return text_size / 4 * 3 + 3 + 32;
}

// Decodes `text` (padded; no white space) to `out`, which has base64_decode_capacity(text.size()) bytes.
// Returns the number of bytes decoded, or -1 where the text is not base64.
ptrdiff_t base64_decode(std::string_view text, char* out);
// Writes base64_encoded_size(size) characters.
void base64_encode(std::string_view bytes, char* out);

std::string base64_encode(std::string_view bytes);
// Returns false where the text is not base64.
bool base64_decode(std::string_view text, std::string* out);

}  // namespace millrace
