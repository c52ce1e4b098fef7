// Tags of log groups: the operations on ARNs, and the older ones on names.
#include "src/service/logs/errors.h"
#include "src/service/logs/logs.h"
#include "src/service/logs/names.h"

namespace millrace::service::logs {

using namespace aws::logs;  // the generated shapes

aws::Outcome<TagResourceOutput> Logs::tag_resource(const aws::CallContext& context, const TagResourceInput& input) {
    TRY_ASSIGN(const std::string group, group_of_arn(context.scope, input.resourceArn));
    LOGS_TRY(journal_.edit_tags(context.scope, group, input.tags, {}));
    return TagResourceOutput{};
}

aws::Outcome<UntagResourceOutput> Logs::untag_resource(const aws::CallContext& context,
                                                       const UntagResourceInput& input) {
    TRY_ASSIGN(const std::string group, group_of_arn(context.scope, input.resourceArn));
    LOGS_TRY(journal_.edit_tags(context.scope, group, {}, input.tagKeys));
    return UntagResourceOutput{};
}

aws::Outcome<ListTagsForResourceOutput> Logs::list_tags_for_resource(const aws::CallContext& context,
                                                                     const ListTagsForResourceInput& input) {
    TRY_ASSIGN(const std::string group, group_of_arn(context.scope, input.resourceArn));
    LOGS_TRY_ASSIGN(journal::Group found, journal_.group(context.scope, group));
    return ListTagsForResourceOutput{.tags = std::move(found.tags)};
}

aws::Outcome<TagLogGroupOutput> Logs::tag_log_group(const aws::CallContext& context, const TagLogGroupInput& input) {
    LOGS_TRY(journal_.edit_tags(context.scope, input.logGroupName, input.tags, {}));
    return TagLogGroupOutput{};
}

aws::Outcome<UntagLogGroupOutput> Logs::untag_log_group(const aws::CallContext& context,
                                                        const UntagLogGroupInput& input) {
    LOGS_TRY(journal_.edit_tags(context.scope, input.logGroupName, {}, input.tags));
    return UntagLogGroupOutput{};
}

aws::Outcome<ListTagsLogGroupOutput> Logs::list_tags_log_group(const aws::CallContext& context,
                                                               const ListTagsLogGroupInput& input) {
    LOGS_TRY_ASSIGN(journal::Group found, journal_.group(context.scope, input.logGroupName));
    return ListTagsLogGroupOutput{.tags = std::move(found.tags)};
}

}  // namespace millrace::service::logs
