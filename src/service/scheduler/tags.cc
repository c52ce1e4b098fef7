// Tags: of groups alone, as on AWS.
#include "src/service/scheduler/errors.h"
#include "src/service/scheduler/limits.h"
#include "src/service/scheduler/scheduler.h"

namespace millrace::service::scheduler {

using namespace aws::scheduler;  // the generated shapes

namespace {

// The group's name in an ARN of the caller's scope.
aws::Outcome<std::string> group_of(const aws::CallContext& context, const std::string& arn) {
    const std::string prefix = schedule::group_arn(context.scope, "");
    if (!arn.starts_with(prefix) || arn.size() == prefix.size()) {
        return aws::Failure{"ResourceNotFoundException", "Schedule group " + arn + " does not exist."};
    }
    return arn.substr(prefix.size());
}

}  // namespace

aws::Outcome<TagResourceOutput> Scheduler::tag_resource(const aws::CallContext& context,
                                                        const TagResourceInput& input) {
    TRY_ASSIGN(const std::string group, group_of(context, input.ResourceArn));
    SCHEDULER_TRY(engine_.change_tags(context.scope, group, [&](std::map<std::string, std::string>* tags) -> Status {
        for (const Tag& tag : input.Tags) (*tags)[tag.Key] = tag.Value;
        if (tags->size() <= tags_max) return {};
        return Error{ErrorCode::invalid_argument, "A resource has at most 50 tags."};
    }));
    return TagResourceOutput{};
}

aws::Outcome<UntagResourceOutput> Scheduler::untag_resource(const aws::CallContext& context,
                                                            const UntagResourceInput& input) {
    TRY_ASSIGN(const std::string group, group_of(context, input.ResourceArn));
    SCHEDULER_TRY(engine_.change_tags(context.scope, group, [&](std::map<std::string, std::string>* tags) -> Status {
        for (const std::string& key : input.TagKeys) tags->erase(key);
        return {};
    }));
    return UntagResourceOutput{};
}

aws::Outcome<ListTagsForResourceOutput> Scheduler::list_tags_for_resource(const aws::CallContext& context,
                                                                          const ListTagsForResourceInput& input) {
    TRY_ASSIGN(const std::string name, group_of(context, input.ResourceArn));
    SCHEDULER_TRY_ASSIGN(const schedule::Group group, engine_.find_group(context.scope, name));
    ListTagsForResourceOutput out;
    out.Tags.emplace();
    for (const auto& [key, value] : group.tags) out.Tags->push_back(Tag{.Key = key, .Value = value});
    return out;
}

}  // namespace millrace::service::scheduler
