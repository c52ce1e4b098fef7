// Sequence numbers: 56 decimal digits, like AWS's, of which the last 20 are the record's position in the log. All
// begin alike, so that comparing them as numbers or as text compares positions: later records have larger numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::catalog {

constexpr std::string_view sequence_prefix = "496000000000000000000000000000000000";
constexpr size_t sequence_digits = 56;
static_assert(sequence_prefix.size() + 20 == sequence_digits);

// Writes the last 20 digits: `position`, padded with zeroes.
void write_position(uint64_t position, char* out);
std::string sequence_number(uint64_t position);
// nullopt where no log of ours has given such a number.
std::optional<uint64_t> parse_sequence_number(std::string_view text);

}  // namespace millrace::catalog
