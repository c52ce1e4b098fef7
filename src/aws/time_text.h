// Timestamps as AWS writes them in text: ISO 8601 (2026-11-20T18:30:00.123Z) and HTTP dates.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "src/base/named.h"

namespace millrace::aws {

std::string iso8601(TimestampMs time);               // with .mmm where there are milliseconds
std::string iso8601_milliseconds(TimestampMs time);  // always with .mmm, as S3 lists do
std::string http_date(TimestampMs time);             // "Fri, 20 Nov 2026 18:30:00 GMT"
std::string basic_date_time(TimestampMs time);       // "20261120T183000Z", as signatures say it

// Each returns nothing where the text is not such a time. ISO 8601 takes offsets and up to nine decimals.
std::optional<TimestampMs> parse_iso8601(std::string_view text);
std::optional<TimestampMs> parse_http_date(std::string_view text);
std::optional<TimestampMs> parse_basic_date_time(std::string_view text);

}  // namespace millrace::aws
