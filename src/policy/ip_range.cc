#include "src/policy/ip_range.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>

#include <arpa/inet.h>

namespace millrace::policy {

std::optional<IpRange> IpRange::parse(std::string_view text) {
    const size_t slash = text.find('/');
    const std::string address(text.substr(0, std::min(slash, std::min<size_t>(text.size(), 64))));
    IpRange range;
    range.v6_ = address.find(':') != std::string::npos;
    if (inet_pton(range.v6_ ? AF_INET6 : AF_INET, address.c_str(), range.bytes_.data()) != 1) return std::nullopt;
    const int bits_max = range.v6_ ? 128 : 32;
    range.bits_ = bits_max;
    if (slash != std::string_view::npos) {
        const std::string_view bits = text.substr(slash + 1);
        const auto [end, error] = std::from_chars(bits.data(), bits.data() + bits.size(), range.bits_);
        if (error != std::errc() || end != bits.data() + bits.size() || range.bits_ < 0 || range.bits_ > bits_max) {
            return std::nullopt;
        }
    }
    constexpr std::array<uint8_t, 12> mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (range.v6_ && range.bits_ >= 96 && std::equal(mapped.begin(), mapped.end(), range.bytes_.begin())) {
        std::memmove(range.bytes_.data(), range.bytes_.data() + 12, 4);
        range.v6_ = false;
        range.bits_ -= 96;
    }
    return range;
}

bool IpRange::holds(const IpRange& other) const {
    if (v6_ != other.v6_ || other.bits_ < bits_) return false;
    const size_t whole = static_cast<size_t>(bits_) / 8;
    if (!std::equal(bytes_.begin(), bytes_.begin() + static_cast<ptrdiff_t>(whole), other.bytes_.begin())) return false;
    const int rest = bits_ % 8;
    return rest == 0 || ((bytes_[whole] ^ other.bytes_[whole]) >> (8 - rest)) == 0;
}

}  // namespace millrace::policy
