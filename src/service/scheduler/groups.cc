// Groups of schedules.
#include "src/service/scheduler/errors.h"
#include "src/service/scheduler/page.h"
#include "src/service/scheduler/scheduler.h"

namespace millrace::service::scheduler {

using namespace aws::scheduler;  // the generated shapes

namespace {

// Output of GetScheduleGroup, or a ScheduleGroupSummary.
template <class Out>
Out description_of(const schedule::Group& group) {
    Out out;
    out.Arn = schedule::group_arn(group.scope, group.name);
    out.Name = group.name;
    out.State = group.deleting ? "DELETING" : "ACTIVE";
    out.CreationDate = group.created;
    out.LastModificationDate = group.modified;
    return out;
}

}  // namespace

aws::Outcome<CreateScheduleGroupOutput> Scheduler::create_schedule_group(const aws::CallContext& context,
                                                                         const CreateScheduleGroupInput& input) {
    std::map<std::string, std::string> tags;
    if (input.Tags) {
        for (const Tag& tag : *input.Tags) tags[tag.Key] = tag.Value;
    }
    SCHEDULER_TRY(engine_.create_group(context.scope, input.Name, std::move(tags), input.ClientToken.value_or("")));
    return CreateScheduleGroupOutput{.ScheduleGroupArn = schedule::group_arn(context.scope, input.Name)};
}

aws::Outcome<GetScheduleGroupOutput> Scheduler::get_schedule_group(const aws::CallContext& context,
                                                                   const GetScheduleGroupInput& input) {
    SCHEDULER_TRY_ASSIGN(const schedule::Group group, engine_.find_group(context.scope, input.Name));
    return description_of<GetScheduleGroupOutput>(group);
}

aws::Outcome<DeleteScheduleGroupOutput> Scheduler::delete_schedule_group(const aws::CallContext& context,
                                                                         const DeleteScheduleGroupInput& input) {
    const std::string arn = schedule::group_arn(context.scope, input.Name);
    const std::string token = input.ClientToken.value_or("");
    const Status removed = engine_.remove_group(context.scope, input.Name);
    if (!removed.ok() && !deletions_.contains(arn, token)) return failure_of(removed.error());
    deletions_.add(arn, token);
    return DeleteScheduleGroupOutput{};
}

aws::Outcome<ListScheduleGroupsOutput> Scheduler::list_schedule_groups(const aws::CallContext& context,
                                                                       const ListScheduleGroupsInput& input) {
    TRY_ASSIGN(const std::string after, place_of(input.NextToken));
    SCHEDULER_TRY_ASSIGN(
        const schedule::GroupPage page,
        engine_.list_groups(context.scope, input.NamePrefix.value_or(""), after, page_size(input.MaxResults)));
    ListScheduleGroupsOutput out;
    for (const schedule::Group& group : page.groups) {
        out.ScheduleGroups.push_back(description_of<ScheduleGroupSummary>(group));
    }
    out.NextToken = token_of(page.next);
    return out;
}

}  // namespace millrace::service::scheduler
