#include "src/source/backoff.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <string>

namespace millrace::source {
namespace {

constexpr int64_t least_ms = 1'000;
constexpr int64_t most_ms = 300'000;
constexpr int64_t day_ms = 86'400'000;

}  // namespace

int64_t backoff_ms(uint32_t failures, uint32_t every_ms, double random) {
    const int64_t usual = every_ms;
    const int64_t most = std::max(most_ms, usual);
    int64_t pause = std::max(least_ms, usual);
    for (uint32_t i = 1; i < failures && pause < most; ++i) pause *= 2;
    pause = std::min(pause, most);
    return pause / 2 + static_cast<int64_t>(static_cast<double>(pause - pause / 2) * std::clamp(random, 0.0, 1.0));
}

std::optional<int64_t> retry_after_ms(std::string_view value, TimestampMs now) {
    int64_t seconds = 0;
    const auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), seconds);
    if (problem == std::errc() && end == value.data() + value.size()) {
        if (seconds < 0) return std::nullopt;
        return std::min(seconds, day_ms / 1000) * 1000;
    }
    std::tm parts{};
    const std::string text(value);
    const char* const rest = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    if (rest == nullptr || *rest != '\0') return std::nullopt;
    return std::clamp<int64_t>(int64_t{::timegm(&parts)} * 1000 - now.value(), 0, day_ms);
}

}  // namespace millrace::source
