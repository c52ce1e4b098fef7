// A time zone of the IANA database, read from the system's compiled files (TZif, RFC 8536), for CustomTimeZone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace millrace::flow {

class TimeZone {
  public:
    struct Local {
        int32_t offset_s = 0;  // east of UTC
        std::string abbreviation = "UTC";
    };

    TimeZone() = default;  // UTC
    // invalid_argument where there is no such zone. "" and "UTC" need no files.
    static Result<TimeZone> find(std::string_view name);
    // Parses the bytes of a TZif file. corruption where they are none.
    static Result<TimeZone> parse(std::string_view name, std::string_view tzif);

    const std::string& name() const { return name_; }
    Local at(int64_t unix_seconds) const;

  private:
    // A rule of the POSIX TZ string that follows the table, for times after its last transition: Mm.w.d/time.
    struct Rule {
        int month = 0, week = 0, day = 0;
        int32_t time_s = 7200;
    };
    Status parse_footer(std::string_view footer);

    std::string name_ = "UTC";
    std::vector<int64_t> transitions_;  // ascending; types_[kinds_[i]] holds from transitions_[i] on
    std::vector<uint8_t> kinds_;
    std::vector<Local> types_;
    bool has_footer_ = false;
    Local standard_, daylight_;
    bool has_daylight_ = false;
    Rule daylight_begins_, daylight_ends_;
};

}  // namespace millrace::flow
