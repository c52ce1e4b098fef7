// The table of EventBridge Scheduler: one row an operation. src/aws/README.md says how rows are written.
#include "src/service/scheduler/operations.h"

#include "src/service/scheduler/scheduler.h"

namespace millrace::service::scheduler {
namespace {

constexpr std::string_view no_keys = "schedules are not encrypted with keys of their own";
constexpr std::string_view no_queues = "Amazon SQS is not served by Millrace";
constexpr std::string_view no_such_target = "Millrace has no such target";

}  // namespace

using namespace aws::scheduler;  // the generated shapes

aws::Service operations(Scheduler& scheduler) {
    return aws::make_service(
        scheduler, model(),
        {
            MILLRACE_OPERATION(CreateSchedule, worker, write, "scheduler:CreateSchedule", &Scheduler::create_schedule)
                .refuse("KmsKeyArn", no_keys)
                .refuse("Target.DeadLetterConfig.Arn", no_queues)
                .refuse("Target.SqsParameters", no_queues)
                .refuse("Target.EventBridgePutEventsV2Parameters", no_such_target)
                .refuse("Target.EventBridgePutRawEventsParameters", no_such_target)
                .refuse("Target.EcsParameters", no_such_target)
                .refuse("Target.SageMakerPipelineParameters", no_such_target),
            MILLRACE_OPERATION(UpdateSchedule, worker, write, "scheduler:UpdateSchedule", &Scheduler::update_schedule)
                .refuse("KmsKeyArn", no_keys)
                .refuse("Target.DeadLetterConfig.Arn", no_queues)
                .refuse("Target.SqsParameters", no_queues)
                .refuse("Target.EventBridgePutEventsV2Parameters", no_such_target)
                .refuse("Target.EventBridgePutRawEventsParameters", no_such_target)
                .refuse("Target.EcsParameters", no_such_target)
                .refuse("Target.SageMakerPipelineParameters", no_such_target),
            MILLRACE_OPERATION(GetSchedule, worker, read, "scheduler:GetSchedule", &Scheduler::get_schedule),
            MILLRACE_OPERATION(DeleteSchedule, worker, write, "scheduler:DeleteSchedule", &Scheduler::delete_schedule),
            MILLRACE_OPERATION(ListSchedules, worker, read, "scheduler:ListSchedules", &Scheduler::list_schedules),

            MILLRACE_OPERATION(CreateScheduleGroup, worker, write, "scheduler:CreateScheduleGroup",
                               &Scheduler::create_schedule_group),
            MILLRACE_OPERATION(GetScheduleGroup, worker, read, "scheduler:GetScheduleGroup",
                               &Scheduler::get_schedule_group),
            MILLRACE_OPERATION(DeleteScheduleGroup, worker, write, "scheduler:DeleteScheduleGroup",
                               &Scheduler::delete_schedule_group),
            MILLRACE_OPERATION(ListScheduleGroups, worker, read, "scheduler:ListScheduleGroups",
                               &Scheduler::list_schedule_groups),

            MILLRACE_OPERATION(TagResource, worker, write, "scheduler:TagResource", &Scheduler::tag_resource),
            MILLRACE_OPERATION(UntagResource, worker, write, "scheduler:UntagResource", &Scheduler::untag_resource),
            MILLRACE_OPERATION(ListTagsForResource, worker, read, "scheduler:ListTagsForResource",
                               &Scheduler::list_tags_for_resource),
        });
}

}  // namespace millrace::service::scheduler
