// Text of somebody else's making as a part of one line of our log.
#pragma once

#include <string>
#include <string_view>

namespace millrace {

// The first `bytes_max` bytes, with a space for each control character.
inline std::string on_one_line(std::string_view text, size_t bytes_max = 500) {
    std::string out(text.substr(0, bytes_max));
    for (char& c : out) c = static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    return out;
}

}  // namespace millrace
