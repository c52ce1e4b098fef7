// Decimal numbers in text, without losing a digit and without writing an exponent out: "1e1000000000" is settled by
// counting digits.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace millrace::query {

using Int128 = __int128;

struct NumberText {
    bool negative = false;
    std::string_view integer;   // digits before the point
    std::string_view fraction;  // digits after it
    int64_t exponent = 0;       // saturated at +-1e15
};

// JSON's grammar exactly (`strict`), or also what Java's parsers take: a plus sign, leading zeroes, ".5", "5.".
std::optional<NumberText> parse_number(std::string_view text, bool strict);

// number * 10^scale, rounded half away from zero as Hive's decimals are. Nothing where that has more than `precision`
// digits (at most 38), or where `exact` and digits would be lost.
std::optional<Int128> scaled(const NumberText& number, int precision, int scale, bool exact);

}  // namespace millrace::query
