#include "src/catalog/sequence_number.h"

#include <charconv>

namespace millrace::catalog {

void write_position(uint64_t position, char* out) {
    for (int i = 18; i >= 0; i -= 2) {
        const auto pair = static_cast<unsigned>(position % 100);
        position /= 100;
        out[i] = static_cast<char>('0' + pair / 10);
        out[i + 1] = static_cast<char>('0' + pair % 10);
    }
}

std::string sequence_number(uint64_t position) {
    std::string text(sequence_digits, '0');
    sequence_prefix.copy(text.data(), sequence_prefix.size());
    write_position(position, text.data() + sequence_prefix.size());
    return text;
}

std::optional<uint64_t> parse_sequence_number(std::string_view text) {
    if (text.size() != sequence_digits || !text.starts_with(sequence_prefix)) return std::nullopt;
    uint64_t position = 0;
    const auto parsed = std::from_chars(text.data() + sequence_prefix.size(), text.data() + text.size(), position);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
    return position;
}

}  // namespace millrace::catalog
