// DynamoDB's number: up to 38 significant decimal digits, magnitude 1E-130
// to 9.9999999999999999999999999999999999999E+125.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
//
// The value *is* its order-preserving encoding, so that comparing two numbers, sorting a set and comparing keys on disk
// are one memcmp; arithmetic decodes and encodes again.
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
    Number();  // zero
    // Errors, with AWS's message: invalid_argument ("The parameter cannot be converted to a numeric value: abc",
    // "Number overflow. Attempting to store a number with magnitude larger than supported range",
    // "Number underflow. ...", "Attempting to store more than 38 significant digits in a Number").
    static Result<Number> parse(std::string_view text);
    static Number of(int64_t value);
    // corruption where `bytes` are not what encoded() gave.
    static Result<Number> decode(std::string_view bytes);

    // As DynamoDB prints it: no exponent, no trailing zeroes after the point, "-0" is "0".
    std::string text() const;
    void append_text(std::string* out) const;
    // At most 22 bytes whose order as bytes is the order of the numbers; no encoding is a prefix of another.
    // Valid while the number lives.
    std::string_view encoded() const { return {reinterpret_cast<const char*>(bytes_.data()), size_}; }

    // Errors as parse(): the exact sum needs more than 38 digits, or overflows.
    static Result<Number> add(const Number& a, const Number& b);
    static Result<Number> subtract(const Number& a, const Number& b);

    bool is_zero() const;
    // Whole seconds for TTL: false where it is not an integer that fits.
    bool to_int64(int64_t* out) const;
    // The bytes DynamoDB counts it as: one for every two significant digits, and one (an approximation AWS documents).
    size_t counted_bytes() const;

    bool operator==(const Number& other) const { return encoded() == other.encoded(); }
    std::strong_ordering operator<=>(const Number& other) const { return encoded() <=> other.encoded(); }

  private:
    uint8_t size_ = 0;
    std::array<uint8_t, 23> bytes_{};
};

}  // namespace millrace::table
