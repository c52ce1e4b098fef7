// DynamoDB's number: up to 38 significant decimal digits, magnitude 1E-130
// to 9.9999999999999999999999999999999999999E+125.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
//
// The value *is* its order-preserving encoding, so that comparing two numbers, sorting a set and comparing keys on disk
// are one memcmp; arithmetic decodes and encodes again.
//
//   number   = zero | positive | negative
//   zero     = 0x80 0x00
//   positive = (0x80 + E + 64) (pair + 1)* 0x00          0.p1 p2 p3 ... * 100^E, E from -64 to 63, 1 to 20 pairs 0..99,
//   negative = (0x7f - E - 64) (101 - pair)* 0x66        neither the first nor the last 0, at most 38 digits
//
// 12.5 is 0.12 50 * 100^1: c1 0d 33 00. -12.5 is 3e 59 33 66. Each value has one encoding.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace millrace::table {

class Number {
  public:
    Number() = default;  // zero
    // Errors, with AWS's message: invalid_argument ("The parameter cannot be converted to a numeric value: abc",
    // "Number overflow. Attempting to store a number with magnitude larger than supported range",
    // "Number underflow. ...", "Attempting to store more than 38 significant digits in a Number").
    static Result<Number> parse(std::string_view text);
    static Number of(int64_t value);
    // corruption where `bytes` are not what encoded() gave.
    static Result<Number> decode(std::string_view bytes);
    // The encoding at the front of `*in`, which moves past it. corruption.
    static Result<Number> take(std::string_view* in);

    // As DynamoDB prints it: no exponent, no trailing zeroes after the point, "-0" is "0".
    std::string text() const;
    void append_text(std::string* out) const;
    // At most 22 bytes whose order as bytes is the order of the numbers; no encoding is a prefix of another.
    // Valid while the number lives.
    std::string_view encoded() const { return {reinterpret_cast<const char*>(bytes_.data()), size_}; }

    // The exact sum. invalid_argument where it is out of range or needs more than 38 digits: AWS says "Number overflow"
    // of both.
    static Result<Number> add(const Number& a, const Number& b);
    static Result<Number> subtract(const Number& a, const Number& b);

    bool is_zero() const { return bytes_[0] == 0x80 && bytes_[1] == 0; }
    bool is_negative() const { return bytes_[0] < 0x80; }
    // Whole seconds for TTL: false where it is not an integer that fits.
    bool to_int64(int64_t* out) const;
    // The bytes DynamoDB counts it as: one for every pair of digits (as above) and one, and one where it is negative.
    size_t counted_bytes() const { return is_zero() ? 1 : size_ - 1u + (is_negative() ? 1 : 0); }

    bool operator==(const Number& other) const { return encoded() == other.encoded(); }
    std::strong_ordering operator<=>(const Number& other) const { return encoded() <=> other.encoded(); }

  private:
    struct Decimal;  // sign, pairs and exponent, unpacked
    static Number pack(const Decimal& decimal);
    Decimal unpack() const;
    static Result<Number> sum(const Number& a, const Number& b, bool negate_b);

    uint8_t size_ = 2;
    std::array<uint8_t, 23> bytes_{0x80};
};

}  // namespace millrace::table
