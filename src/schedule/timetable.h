// When a schedule is due, its start and end regarded.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
#pragma once

#include <optional>

#include "src/schedule/definition.h"
#include "src/schedule/expression.h"

namespace millrace::schedule {

class Timetable {
  public:
    // invalid_argument: the expression or the zone.
    static Result<Timetable> of(const Settings& settings, TimestampMs anchor);

    // The first moment strictly later than `after` at which it is due. A recurring one is due from its start on and not
    // after its end; a one-time schedule has neither, as on AWS.
    std::optional<TimestampMs> next(TimestampMs after) const;
    bool recurs() const { return expression_.kind() != Expression::Kind::at; }

  private:
    Timetable(Expression expression, TimestampMs anchor) : expression_(std::move(expression)), anchor_(anchor) {}

    Expression expression_;
    TimestampMs anchor_;
    std::optional<TimestampMs> start_, end_;
};

}  // namespace millrace::schedule
