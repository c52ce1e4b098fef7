// When something is due again and again, or once: the expressions of EventBridge Scheduler and of EventBridge's
// scheduled rules.
//
//   rate(5 minutes)                  every 5 minutes, counted from an anchor
//   cron(15 10 ? * 6L 2026-2027)     minutes hours day-of-month month day-of-week year, on a clock in a time zone
//   at(2026-11-20T13:00:00)          once
//
// Daylight saving, as Scheduler's user guide (schedule-types) documents it: a time of a cron that the clock skips in
// spring is skipped; one that it shows twice in autumn is due at the first time only; a day of rate(n days) is 24
// hours. The guide says nothing about an at() that the clock skips; it is due as if the clock had been moved later, so
// that it is not lost: at(...T02:30:00) in New York's spring is 03:30 of its summer time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "src/base/named.h"
#include "src/base/result.h"
#include "src/io/time_zone.h"
#include "src/schedule/cron.h"

namespace millrace::schedule {

class Expression {
  public:
    enum class Kind : uint8_t { rate, cron, at };
    // Whose rules text follows. Rules know no at(), and want "1 minute" but "2 minutes"; Scheduler takes either word.
    enum class Dialect : uint8_t { scheduler, rule };

    // invalid_argument says what is wrong and where; `zone` is an IANA name, or "" for UTC. Copies share their zone.
    static Result<Expression> parse(std::string_view text, std::string_view zone = {},
                                    Dialect dialect = Dialect::scheduler);

    Kind kind() const { return kind_; }
    // The first moment strictly later than `after` at which it is due, or none: an at() that is over, a cron whose
    // years are (2199 is the last). A rate is due at its anchor and every period after it; the others ignore `anchor`.
    // Costs microseconds, however far away the moment is. Any thread.
    std::optional<TimestampMs> next(TimestampMs after, TimestampMs anchor = TimestampMs(0)) const;
    // Of a rate: its period. 0 of the others.
    int64_t period_ms() const { return period_ms_; }

  private:
    std::optional<TimestampMs> next_cron(int64_t after_ms) const;

    Kind kind_ = Kind::rate;
    int64_t period_ms_ = 0;                     // rate
    int64_t moment_ms_ = 0;                     // at
    Cron cron_;                                 // cron
    std::shared_ptr<const io::TimeZone> zone_;  // cron
};

}  // namespace millrace::schedule
