// How long to leave alone who failed.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "src/base/named.h"

namespace millrace::source {

// After so many failures in a row (at least one): doubles from a second, or from the usual pause where that is longer,
// up to five minutes (or the usual pause); half of it and a random part of the other half (`random` in 0 to 1), so
// that sources that failed together do not come back together.
int64_t backoff_ms(uint32_t failures, uint32_t every_ms, double random);

// What a Retry-After header asks for: seconds, or a date (RFC 9110, 10.2.3); at most a day. nullopt where it is
// neither.
std::optional<int64_t> retry_after_ms(std::string_view value, TimestampMs now);

}  // namespace millrace::source
