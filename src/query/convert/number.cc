#include "src/query/convert/number.h"

#include <algorithm>

namespace millrace::query {

namespace {

constexpr int64_t exponent_max = 1'000'000'000'000'000;

std::string_view take_digits(std::string_view& text) {
    size_t count = 0;
    while (count < text.size() && text[count] >= '0' && text[count] <= '9') ++count;
    const std::string_view digits = text.substr(0, count);
    text.remove_prefix(count);
    return digits;
}

// The digits of integer and fraction as one run.
class Digits {
  public:
    explicit Digits(const NumberText& number) : number_(number) {}
    size_t size() const { return number_.integer.size() + number_.fraction.size(); }
    int operator[](size_t i) const {
        return (i < number_.integer.size() ? number_.integer[i] : number_.fraction[i - number_.integer.size()]) - '0';
    }

  private:
    const NumberText& number_;
};

}  // namespace

std::optional<NumberText> parse_number(std::string_view text, bool strict) {
    NumberText number;
    if (!text.empty() && (text[0] == '-' || (!strict && text[0] == '+'))) {
        number.negative = text[0] == '-';
        text.remove_prefix(1);
    }
    number.integer = take_digits(text);
    if (strict && (number.integer.empty() || (number.integer.size() > 1 && number.integer[0] == '0'))) return {};
    if (!text.empty() && text[0] == '.') {
        text.remove_prefix(1);
        number.fraction = take_digits(text);
        if (strict && number.fraction.empty()) return {};
    }
    if (number.integer.empty() && number.fraction.empty()) return {};
    if (!text.empty() && (text[0] == 'e' || text[0] == 'E')) {
        text.remove_prefix(1);
        bool negative = false;
        if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
            negative = text[0] == '-';
            text.remove_prefix(1);
        }
        const std::string_view digits = take_digits(text);
        if (digits.empty()) return {};
        for (const char digit : digits) {
            number.exponent = std::min(number.exponent * 10 + (digit - '0'), exponent_max);
        }
        if (negative) number.exponent = -number.exponent;
    }
    if (!text.empty()) return {};
    return number;
}

std::optional<Int128> scaled(const NumberText& number, int precision, int scale, bool exact) {
    const Digits digits(number);
    size_t first = 0;
    while (first < digits.size() && digits[first] == 0) ++first;
    const int64_t significant = static_cast<int64_t>(digits.size() - first);
    if (significant == 0) return 0;
    const int64_t shift = scale + number.exponent - static_cast<int64_t>(number.fraction.size());
    const int64_t kept = significant + shift;  // digits before the new point
    if (kept > precision) {
        return {};
    }
    Int128 value = 0;
    const int64_t taken = std::clamp<int64_t>(std::min(kept, significant), 0, significant);
    for (int64_t i = 0; i < taken; ++i) value = value * 10 + digits[first + i];
    for (int64_t i = significant; i < kept; ++i) value *= 10;
    if (kept < significant) {
        if (exact) {
            for (int64_t i = taken; i < significant; ++i) {
                if (digits[first + i] != 0) return {};
            }
        }
        if (kept >= 0 && digits[first + kept] >= 5) ++value;
        Int128 bound = 1;
        for (int i = 0; i < precision; ++i) bound *= 10;
        if (value >= bound) return {};
    }
    return number.negative ? -value : value;
}

}  // namespace millrace::query
