// One time that a schedule was due, on its way to the target: recorded before the schedule moves on, forgotten when the
// target has taken it, or when it is given up.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/base/named.h"
#include "src/base/result.h"
#include "src/schedule/definition.h"
#include "src/target/target.h"

namespace millrace::schedule {

struct Run {
    std::string uid;        // of the schedule
    uint64_t revision = 0;  // when it became due
    TimestampMs scheduled;  // when it was due, without the flexible window
    uint32_t attempts = 0;  // that failed
    bool last = false;      // the schedule is never due again
};

std::string encode(const Run& run);
Result<Run> decode_run(std::string_view text);  // corruption

struct Call {
    target::Target target;
    target::Item item;
};
// What the target gets. The context attributes of the input are filled in: <aws.scheduler.schedule-arn>,
// <aws.scheduler.scheduled-time>, <aws.scheduler.execution-id> and <aws.scheduler.attempt-number>, which counts from 1.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
Call call_of(const Schedule& schedule, const Run& run, std::string_view execution_id);

}  // namespace millrace::schedule
