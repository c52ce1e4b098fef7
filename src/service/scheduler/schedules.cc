// Schedules.
#include "src/base/base64.h"
#include "src/service/scheduler/errors.h"
#include "src/service/scheduler/page.h"
#include "src/service/scheduler/scheduler.h"
#include "src/service/scheduler/settings.h"

namespace millrace::service::scheduler {

using namespace aws::scheduler;  // the generated shapes

namespace {

template <class Input>
schedule::ScheduleName name_of(const aws::CallContext& context, const Input& input) {
    return {context.scope, input.GroupName.value_or(std::string(schedule::default_group)), input.Name};
}

std::string state_of(const schedule::Schedule& schedule) {
    return schedule.settings.enabled ? "ENABLED" : "DISABLED";
}

}  // namespace

aws::Outcome<CreateScheduleOutput> Scheduler::create_schedule(const aws::CallContext& context,
                                                              const CreateScheduleInput& input) {
    const schedule::ScheduleName name = name_of(context, input);
    TRY_ASSIGN(const schedule::Settings settings, settings_of(input));
    SCHEDULER_TRY(engine_.create(name, settings, input.ClientToken.value_or("")));
    return CreateScheduleOutput{.ScheduleArn = arn_of(name)};
}

aws::Outcome<UpdateScheduleOutput> Scheduler::update_schedule(const aws::CallContext& context,
                                                              const UpdateScheduleInput& input) {
    const schedule::ScheduleName name = name_of(context, input);
    TRY_ASSIGN(const schedule::Settings settings, settings_of(input));
    SCHEDULER_TRY(engine_.update(name, settings));
    return UpdateScheduleOutput{.ScheduleArn = arn_of(name)};
}

aws::Outcome<GetScheduleOutput> Scheduler::get_schedule(const aws::CallContext& context,
                                                        const GetScheduleInput& input) {
    SCHEDULER_TRY_ASSIGN(const schedule::Schedule found, engine_.find(name_of(context, input)));
    const schedule::Settings& settings = found.settings;
    GetScheduleOutput out;
    out.Arn = arn_of(found.name);
    out.GroupName = found.name.group;
    out.Name = found.name.name;
    out.ScheduleExpression = settings.expression;
    out.ScheduleExpressionTimezone = settings.zone.empty() ? "UTC" : settings.zone;
    out.StartDate = settings.start;
    out.EndDate = settings.end;
    out.Description = settings.description;
    out.State = state_of(found);
    out.CreationDate = found.created;
    out.LastModificationDate = found.modified;
    out.Target = target_of(settings.target);
    out.FlexibleTimeWindow.emplace().Mode = settings.window_minutes == 0 ? "OFF" : "FLEXIBLE";
    if (settings.window_minutes != 0) {
        out.FlexibleTimeWindow->MaximumWindowInMinutes = static_cast<int32_t>(settings.window_minutes);
    }
    out.ActionAfterCompletion = settings.delete_after ? "DELETE" : "NONE";
    return out;
}

aws::Outcome<DeleteScheduleOutput> Scheduler::delete_schedule(const aws::CallContext& context,
                                                              const DeleteScheduleInput& input) {
    const schedule::ScheduleName name = name_of(context, input);
    const std::string token = input.ClientToken.value_or("");
    const Status removed = engine_.remove(name);
    if (!removed.ok() && !(removed.error().code == ErrorCode::not_found && deletions_.contains(arn_of(name), token))) {
        return failure_of(removed.error());
    }
    deletions_.add(arn_of(name), token);
    return DeleteScheduleOutput{};
}

aws::Outcome<ListSchedulesOutput> Scheduler::list_schedules(const aws::CallContext& context,
                                                            const ListSchedulesInput& input) {
    schedule::Engine::ListFilter filter;
    filter.group = input.GroupName.value_or("");
    filter.prefix = input.NamePrefix.value_or("");
    if (input.State) filter.enabled = *input.State == "ENABLED";
    TRY_ASSIGN(const std::string after, place_of(input.NextToken));
    SCHEDULER_TRY_ASSIGN(const schedule::SchedulePage page,
                         engine_.list(context.scope, filter, after, page_size(input.MaxResults)));
    ListSchedulesOutput out;
    for (const schedule::Schedule& each : page.schedules) {
        ScheduleSummary& summary = out.Schedules.emplace_back();
        summary.Arn = arn_of(each.name);
        summary.Name = each.name.name;
        summary.GroupName = each.name.group;
        summary.State = state_of(each);
        summary.CreationDate = each.created;
        summary.LastModificationDate = each.modified;
        summary.Target.emplace().Arn = each.settings.target.arn;
    }
    out.NextToken = token_of(page.next);
    return out;
}

}  // namespace millrace::service::scheduler
