// Dates in conditions: "2026-11-21T10:04:05Z" and shorter forms of ISO 8601 (W3C's note), or seconds since 1970.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace millrace::policy {

// Milliseconds since 1970; nullopt where it is neither.
std::optional<int64_t> parse_date_ms(std::string_view text);

}  // namespace millrace::policy
