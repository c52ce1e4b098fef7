#include "src/schedule/timetable.h"

#include <algorithm>
#include <utility>

namespace millrace::schedule {

Result<Timetable> Timetable::of(const Settings& settings, TimestampMs anchor) {
    TRY_ASSIGN(Expression expression, Expression::parse(settings.expression, settings.zone));
    Timetable out(std::move(expression), settings.start.value_or(anchor));
    if (out.recurs()) {
        out.start_ = settings.start;
        out.end_ = settings.end;
    }
    return out;
}

std::optional<TimestampMs> Timetable::next(TimestampMs after) const {
    if (start_) after = std::max(after, TimestampMs(start_->value() - 1));
    const std::optional<TimestampMs> next = expression_.next(after, anchor_);
    if (next && end_ && *next > *end_) return std::nullopt;
    return next;
}

}  // namespace millrace::schedule
