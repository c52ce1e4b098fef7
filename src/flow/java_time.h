// Java's DateTimeFormatter patterns, as Firehose's `!{timestamp:...}` takes them: compiled once, then formatted with
// the date's fields. Source: docs.oracle.com/javase/8/docs/api/java/time/format/DateTimeFormatter.html. Text is that
// of the English (US) locale; so are weeks (they begin on Sunday; the first week of a year holds its first day).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/named.h"
#include "src/base/result.h"
#include "src/io/time_zone.h"

namespace millrace::flow {

class JavaTimePattern {
  public:
    // invalid_argument with a sentence where Java would refuse the pattern too: an unknown letter, a letter repeated
    // more often than it may be, an open quote, or '{', '}' or '#'. Optional sections and padding are refused too.
    static Result<JavaTimePattern> compile(std::string_view pattern);

    std::string format(TimestampMs time, const io::TimeZone& zone) const;

  private:
    struct Piece {
        char letter = 0;  // 0: literal
        int count = 0;
        std::string literal;
    };
    std::vector<Piece> pieces_;
};

}  // namespace millrace::flow
