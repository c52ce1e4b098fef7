// "203.0.113.0/24", "2001:db8::/32", or one address. An IPv4 address that comes as IPv6 ("::ffff:1.2.3.4", as
// dual-stack sockets have it) is the IPv4 address.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace millrace::policy {

class IpRange {
  public:
    static std::optional<IpRange> parse(std::string_view text);
    // Whether an address (or the whole of a range) lies in it.
    bool holds(const IpRange& other) const;

  private:
    std::array<uint8_t, 16> bytes_{};  // of IPv4 the first four
    bool v6_ = false;
    int bits_ = 0;
};

}  // namespace millrace::policy
