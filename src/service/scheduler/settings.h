// A schedule's settings between the wire and the engine.
#pragma once

#include "aws/scheduler/shapes.h"

#include "src/aws/failure.h"
#include "src/schedule/definition.h"

namespace millrace::service::scheduler {

// Checks what the model does not: the expression, the zone, the window, what the target may be and what it needs.
aws::Outcome<schedule::Settings> settings_of(const aws::scheduler::CreateScheduleInput& input);
aws::Outcome<schedule::Settings> settings_of(const aws::scheduler::UpdateScheduleInput& input);

aws::scheduler::Target target_of(const schedule::ScheduleTarget& target);

}  // namespace millrace::service::scheduler
