// Dates and times in text, as Firehose's deserializers read them. All times are UTC.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace millrace::query {

// yyyy-[M]M-[d]d: days since 1970-01-01.
std::optional<int32_t> parse_date(std::string_view text);

// yyyy-[M]M-[d]d [H]H:[m]m:[s]s[.f{1,9}], as java.sql.Timestamp.valueOf: microseconds since 1970-01-01. Digits below a
// microsecond are cut off.
std::optional<int64_t> parse_sql_timestamp(std::string_view text);

// A number of seconds (below 10^12) or milliseconds since 1970-01-01, with a fraction or without.
std::optional<int64_t> parse_epoch(std::string_view number);

// What the OpenX SerDe takes: java.sql.Timestamp's format, yyyy-MM-ddTHH:mm:ss[.f{1,9}]Z, or an epoch.
std::optional<int64_t> parse_openx_timestamp(std::string_view text);

// A Joda-Time DateTimeFormat pattern, or "millis".
// (joda.org/joda-time/apidocs/org/joda/time/format/DateTimeFormat.html)
class JodaPattern {
  public:
    // unsupported for letters that we do not read (time zone names, week-based years, eras, two-digit years, which
    // depend on the current year); invalid_argument for what is not a pattern. The message names the letter.
    static Result<JodaPattern> compile(std::string_view pattern);
    // Microseconds since 1970-01-01; nothing where the text does not match as a whole.
    std::optional<int64_t> parse(std::string_view text) const;

  private:
    struct Part {
        char letter = 0;  // 0: literal
        int count = 0;
        std::string literal;
    };
    std::vector<Part> parts_;
    bool millis_ = false;
};

}  // namespace millrace::query
