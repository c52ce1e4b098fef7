#include "src/table/value/number.h"

#include <algorithm>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "src/base/bytes.h"

namespace millrace::table {
namespace {

Number number(std::string_view text) {
    auto parsed = Number::parse(text);
    EXPECT_TRUE(parsed) << text << ": " << parsed.error().message;
    return *parsed;
}

std::string refusal(const Result<Number>& result) {
    return result ? "accepted: " + result->text() : result.error().message;
}

// The reference: a fixed-point integer of decimal places -170 to 169, digit by digit as at school.
struct Fixed {
    static constexpr int low = -170, places = 340;
    bool negative = false;
    std::vector<int> digits = std::vector<int>(places);  // the first is the lowest

    static Fixed of(bool negative, const std::string& digits, int exponent) {
        Fixed fixed;
        fixed.negative = negative;
        for (size_t i = 0; i < digits.size(); ++i) {
            fixed.digits[static_cast<size_t>(exponent - low) + digits.size() - 1 - i] = digits[i] - '0';
        }
        return fixed;
    }
    bool zero() const {
        return std::all_of(digits.begin(), digits.end(), [](int d) { return d == 0; });
    }
    static int compare_magnitude(const Fixed& a, const Fixed& b) {
        for (size_t i = places; i-- > 0;) {
            if (a.digits[i] != b.digits[i]) return a.digits[i] < b.digits[i] ? -1 : 1;
        }
        return 0;
    }
    static int compare(const Fixed& a, const Fixed& b) {
        const bool a_negative = a.negative && !a.zero();
        const bool b_negative = b.negative && !b.zero();
        if (a_negative != b_negative) return a_negative ? -1 : 1;
        return a_negative ? compare_magnitude(b, a) : compare_magnitude(a, b);
    }
    static Fixed add(const Fixed& a, const Fixed& b) {
        Fixed sum;
        const bool swap = compare_magnitude(a, b) < 0;
        const Fixed& large = swap ? b : a;
        const Fixed& small = swap ? a : b;
        sum.negative = large.negative;
        int carry = 0;
        for (size_t i = 0; i < places; ++i) {
            int digit =
                large.digits[i] + (large.negative == small.negative ? small.digits[i] : -small.digits[i]) + carry;
            carry = digit < 0 ? -1 : digit / 10;
            digit = (digit + 10) % 10;
            sum.digits[i] = digit;
        }
        return sum;
    }
    int lowest() const {
        return static_cast<int>(std::find_if(digits.begin(), digits.end(), [](int d) { return d != 0; }) -
                                digits.begin()) +
               low;
    }
    int highest() const {
        return static_cast<int>(digits.rend() -
                                std::find_if(digits.rbegin(), digits.rend(), [](int d) { return d != 0; })) -
               1 + low;
    }
    bool fits() const { return zero() || (highest() <= 125 && highest() >= -130 && highest() - lowest() < 38); }
    std::string text() const {
        if (zero()) return "0";
        std::string out = negative ? "-" : "";
        for (int place = std::max(highest(), 0); place >= std::min(lowest(), 0); --place) {
            if (place == -1) out += '.';
            out += static_cast<char>('0' + digits[static_cast<size_t>(place - low)]);
        }
        return out;
    }
};

struct Sample {
    Number number;
    Fixed fixed;
};

Sample random_sample(std::mt19937& random, int exponent_low, int exponent_high) {
    while (true) {
        std::string digits(1 + random() % (random() % 3 == 0 ? 38 : 6), '0');
        for (char& c : digits) c = static_cast<char>('0' + (random() % 3 == 0 ? 0 : random() % 10));
        const int exponent =
            exponent_low + static_cast<int>(random() % static_cast<unsigned>(exponent_high - exponent_low + 1));
        const bool negative = random() % 2 == 0;
        const Fixed fixed = Fixed::of(negative, digits, exponent);
        if (!fixed.fits()) continue;
        return {number((negative ? "-" : "") + digits + "e" + std::to_string(exponent)), fixed};
    }
}

TEST(Number, PrintsAsDynamoDbDoes) {
    const std::pair<std::string, std::string> cases[] = {
        {"0", "0"},
        {"-0", "0"},
        {"0.000", "0"},
        {"1", "1"},
        {"+1", "1"},
        {"0001.2300", "1.23"},
        {".5", "0.5"},
        {"5.", "5"},
        {"-17.4E2", "-1740"},
        {"1e-3", "0.001"},
        {"12345e-2", "123.45"},
        {"100", "100"},
        {"1e+5", "100000"},
        {"0e500", "0"},
        {"0.1e126", "1" + std::string(125, '0')},
        {"-0.01", "-0.01"},
        {"10.01", "10.01"},
        {"99999999999999999999999999999999999999", "99999999999999999999999999999999999999"},
    };
    for (const auto& [in, out] : cases) EXPECT_EQ(number(in).text(), out) << in;
    EXPECT_EQ(number("1e-130").text(), "0." + std::string(129, '0') + "1");
}

TEST(Number, RefusesWithTheWordsOfAws) {
    for (const std::string text :
         {"", " 1", "1 ", "NaN", "Infinity", "-", "+", ".", "e5", "1e", "1e+", "--1", "0x1", "1_0", "1.2.3"}) {
        EXPECT_EQ(refusal(Number::parse(text)), "The parameter cannot be converted to a numeric value: " + text);
    }
    const std::string overflow =
        "Number overflow. Attempting to store a number with magnitude larger than supported range";
    const std::string underflow =
        "Number underflow. Attempting to store a number with magnitude smaller than supported range";
    for (const auto text : {"1e126", "-11e125", "1e99999999999999999999"})
        EXPECT_EQ(refusal(Number::parse(text)), overflow);
    for (const auto text : {"1e-131", "0.9e-130", "-1e-99999999999999999999"})
        EXPECT_EQ(refusal(Number::parse(text)), underflow);
    EXPECT_EQ(refusal(Number::parse("3.14159265358979323846264338327950288419")),
              "Attempting to store more than 38 significant digits in a Number");
    EXPECT_EQ(refusal(Number::add(number("9e125"), number("1e125"))), overflow);
    EXPECT_EQ(refusal(Number::add(number("1e50"), number("1"))), overflow);
    EXPECT_EQ(refusal(Number::subtract(number("1.5e-130"), number("1e-130"))), underflow);
}

TEST(Number, BytesAreThoseOfTheHeader) {
    EXPECT_EQ(hex_encode(number("12.5").encoded()), "c10d3300");
    EXPECT_EQ(hex_encode(number("-12.5").encoded()), "3e593366");
    EXPECT_EQ(hex_encode(Number().encoded()), "8000");
    EXPECT_EQ(number("9.9999999999999999999999999999999999999e125").encoded().size(), 21u);
    EXPECT_EQ(number("1.2345678901234567890123456789012345678e2").encoded().size(), 22u);
}

TEST(Number, OrderAndTextAndSumsAreThoseOfSchool) {
    std::mt19937 random(7);
    for (int round = 0; round < 20'000; ++round) {
        const bool near = random() % 4 != 0;
        const Sample a = random_sample(random, near ? -6 : -168, near ? 6 : 125);
        const Sample b = random_sample(random, near ? -6 : -168, near ? 6 : 125);
        ASSERT_EQ(a.number.text(), a.fixed.text());
        ASSERT_EQ(number(a.number.text()), a.number);
        const int order = Fixed::compare(a.fixed, b.fixed);
        ASSERT_EQ(a.number < b.number, order < 0) << a.number.text() << " and " << b.number.text();
        ASSERT_EQ(a.number == b.number, order == 0);

        const Fixed sum = Fixed::add(a.fixed, b.fixed);
        const auto added = Number::add(a.number, b.number);
        ASSERT_EQ(added.ok(), sum.fits()) << a.number.text() << " + " << b.number.text();
        if (added) {
            ASSERT_EQ(added->text(), sum.text());
            ASSERT_EQ(Number::decode(added->encoded()).value(), *added);
        }
        Fixed minus_b = b.fixed;
        minus_b.negative = !minus_b.negative;
        const Fixed difference = Fixed::add(a.fixed, minus_b);
        const auto subtracted = Number::subtract(a.number, b.number);
        ASSERT_EQ(subtracted.ok(), difference.fits());
        if (subtracted) ASSERT_EQ(subtracted->text(), difference.text());
    }
}

TEST(Number, IntegersGoBothWays) {
    std::mt19937_64 random(9);
    for (int round = 0; round < 20'000; ++round) {
        const auto a = static_cast<int64_t>(random()) >> (random() % 63);
        const auto b = static_cast<int64_t>(random()) >> (random() % 63);
        int64_t back = 0;
        ASSERT_TRUE(Number::of(a).to_int64(&back));
        ASSERT_EQ(back, a);
        ASSERT_EQ(Number::of(a).text(), std::to_string(a));
        ASSERT_EQ(Number::of(a) < Number::of(b), a < b);
        const __int128 sum = static_cast<__int128>(a) + b;
        if (sum >= INT64_MIN && sum <= INT64_MAX) {
            ASSERT_EQ(Number::add(Number::of(a), Number::of(b)).value(), Number::of(a + b));
        }
    }
    int64_t out = 0;
    for (const auto text : {"1.5", "9223372036854775808", "-9223372036854775809", "1e100", "0.1"})
        EXPECT_FALSE(number(text).to_int64(&out)) << text;
    EXPECT_TRUE(number("-9223372036854775808").to_int64(&out));
    EXPECT_EQ(out, INT64_MIN);
}

TEST(Number, DamagedBytesAreRefused) {
    for (const auto bytes :
         {"", "80", "8100", "c10100", "c10d33", "c10d0100", "c1660d00", "3e6566", "800000", "c10d330000"}) {
        std::string raw;
        ASSERT_TRUE(hex_decode(bytes, &raw));
        EXPECT_FALSE(Number::decode(raw)) << bytes;
    }
}

TEST(Number, CountsPairsOfDigits) {
    EXPECT_EQ(Number().counted_bytes(), 1u);
    EXPECT_EQ(number("1").counted_bytes(), 2u);
    EXPECT_EQ(number("12").counted_bytes(), 2u);
    EXPECT_EQ(number("123").counted_bytes(), 3u);
    EXPECT_EQ(number("-123").counted_bytes(), 4u);
}

}  // namespace
}  // namespace millrace::table
