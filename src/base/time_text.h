// Times as text, UTC, as AWS writes most of them; callers add the zone ("Z", "+0000") that theirs wants.
#pragma once

#include <string>

#include "src/base/named.h"

namespace millrace {

std::string iso_seconds(TimestampMs time);       // "2026-11-21T10:04:05"; what is below a second is cut off
std::string iso_milliseconds(TimestampMs time);  // "2026-11-21T10:04:05.123"

}  // namespace millrace
