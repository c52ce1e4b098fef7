// What buses keep in their ordered store (the folder events/ of the data directory), by the first byte of the key.
// Numbers are eight bytes, big-endian.
//
//   'P' bus                                 how far the bus's dispatcher is: a log position
//   'R' bus lane due-ms sequence            an event that waits for another try (retry_queue.h)
//   'F' rule                                when a scheduled rule was last due, in ms
//   'A' archive time-ms position            an archived event
//   'a' archive                             the archive's reader: position, events, bytes
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::bus {

inline std::string number_text(uint64_t number) {
    std::string out(8, '\0');
    for (size_t i = 0; i < 8; ++i) out[i] = static_cast<char>(number >> (56 - 8 * i));
    return out;
}
// 0 where there are less than eight bytes at `at`.
inline uint64_t number_at(std::string_view text, size_t at) {
    if (text.size() < at + 8) return 0;
    uint64_t out = 0;
    for (size_t i = 0; i < 8; ++i) out = out << 8 | static_cast<unsigned char>(text[at + i]);
    return out;
}
inline std::string store_key(char kind, std::initializer_list<uint64_t> numbers) {
    std::string out(1, kind);
    for (const uint64_t number : numbers) out += number_text(number);
    return out;
}

}  // namespace millrace::bus
