// A time zone of the IANA database, read from the system's compiled files (TZif, RFC 8536).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace millrace::io {

class TimeZone {
  public:
    struct Local {
        int32_t offset_s = 0;  // east of UTC
        std::string abbreviation = "UTC";
    };

    TimeZone() = default;  // UTC
    // invalid_argument where there is no such zone. "" and "UTC" need no files.
    static Result<TimeZone> find(std::string_view name);
    // The same, read once a process and kept: there are a few hundred zones, and a million users of them. Any thread.
    static Result<std::shared_ptr<const TimeZone>> shared(std::string_view name);
    // Parses the bytes of a TZif file. corruption where they are none.
    static Result<TimeZone> parse(std::string_view name, std::string_view tzif);

    const std::string& name() const { return name_; }
    Local at(int64_t unix_seconds) const;
    // The offset alone: at() without its name.
    int32_t offset_at(int64_t unix_seconds) const { return find_local(unix_seconds).offset_s; }
    // The first moment at which a clock on the wall shows `wall_seconds` (seconds since 1970, as if the zone were UTC).
    // None where it never does: clocks were moved over it.
    std::optional<int64_t> first_moment_of(int64_t wall_seconds) const;

  private:
    // A rule of the POSIX TZ string that follows the table, for times after its last transition: Mm.w.d/time.
    struct Rule {
        int month = 0, week = 0, day = 0;
        int32_t time_s = 7200;
    };
    Status parse_footer(std::string_view footer);
    const Local& find_local(int64_t unix_seconds) const;

    std::string name_ = "UTC";
    std::vector<int64_t> transitions_;  // ascending; types_[kinds_[i]] holds from transitions_[i] on
    std::vector<uint8_t> kinds_;
    std::vector<Local> types_;
    bool has_footer_ = false;
    Local standard_, daylight_;
    bool has_daylight_ = false;
    Rule daylight_begins_, daylight_ends_;
};

}  // namespace millrace::io
