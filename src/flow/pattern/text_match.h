// How one string of an event is compared.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace millrace::flow::pattern {

// Upper and lower case of ASCII are the same; everything else is compared by byte.
bool equals_ignore_case(std::string_view a, std::string_view b);

// "*" stands for any characters; "\*" and "\\" for themselves. Takes time of the product of both lengths at most.
class Wildcard {
  public:
    // invalid_argument: "Consecutive wildcard characters at pos 3", "Invalid escape character at pos 3".
    static Result<Wildcard> parse(std::string_view text);
    bool matches(std::string_view text) const;
    // What every match begins with, and ends with; perhaps "".
    const std::string& head() const { return pieces_.front(); }
    const std::string& tail() const { return pieces_.back(); }

  private:
    std::vector<std::string>
        pieces_;  // what lies between the stars: n stars are n + 1 pieces, "" at an end where one is
};

// A block of IPv4 or IPv6 addresses: "10.0.0.0/24", "2001:db8::/32".
class AddressBlock {
  public:
    // invalid_argument with a sentence.
    static Result<AddressBlock> parse(std::string_view text);
    bool contains(std::string_view address) const;  // false for what is no address

  private:
    std::array<uint8_t, 16> bytes_{};
    int family_ = 0;
    int bits_ = 0;
};

}  // namespace millrace::flow::pattern
