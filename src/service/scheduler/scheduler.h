// EventBridge Scheduler over src/schedule. schedules.cc, groups.cc and tags.cc are the handlers. Every one runs on the
// executor and may block on the store; any thread.
#pragma once

#include "aws/scheduler/shapes.h"

#include "src/aws/call.h"
#include "src/schedule/engine.h"
#include "src/service/scheduler/used_tokens.h"

namespace millrace::service::scheduler {

class Scheduler {
  public:
    explicit Scheduler(schedule::Engine& engine) : engine_(engine) {}  // outlives it

#define MILLRACE_SCHEDULER_HANDLER(NAME, FUNCTION)                                       \
    aws::Outcome<aws::scheduler::NAME##Output> FUNCTION(const aws::CallContext& context, \
                                                        const aws::scheduler::NAME##Input& input)

    // schedules.cc
    MILLRACE_SCHEDULER_HANDLER(CreateSchedule, create_schedule);
    MILLRACE_SCHEDULER_HANDLER(UpdateSchedule, update_schedule);
    MILLRACE_SCHEDULER_HANDLER(GetSchedule, get_schedule);
    MILLRACE_SCHEDULER_HANDLER(DeleteSchedule, delete_schedule);
    MILLRACE_SCHEDULER_HANDLER(ListSchedules, list_schedules);
    // groups.cc
    MILLRACE_SCHEDULER_HANDLER(CreateScheduleGroup, create_schedule_group);
    MILLRACE_SCHEDULER_HANDLER(GetScheduleGroup, get_schedule_group);
    MILLRACE_SCHEDULER_HANDLER(DeleteScheduleGroup, delete_schedule_group);
    MILLRACE_SCHEDULER_HANDLER(ListScheduleGroups, list_schedule_groups);
    // tags.cc
    MILLRACE_SCHEDULER_HANDLER(TagResource, tag_resource);
    MILLRACE_SCHEDULER_HANDLER(UntagResource, untag_resource);
    MILLRACE_SCHEDULER_HANDLER(ListTagsForResource, list_tags_for_resource);

#undef MILLRACE_SCHEDULER_HANDLER

  private:
    schedule::Engine& engine_;
    UsedTokens deletions_;
};

}  // namespace millrace::service::scheduler
