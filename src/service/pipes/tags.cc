// Tags.
#include "src/service/pipes/errors.h"
#include "src/service/pipes/limits.h"
#include "src/service/pipes/pipes.h"

namespace millrace::service::pipes {

using namespace aws::pipes;  // the generated shapes

namespace {

// The pipe's name in an ARN of the caller's scope.
aws::Outcome<std::string> name_of(const aws::CallContext& context, const std::string& arn) {
    const std::string prefix = flow::pipe::arn_of(context.scope, "");
    if (!arn.starts_with(prefix) || arn.size() == prefix.size()) {
        return aws::Failure{"NotFoundException", "Pipe " + arn + " does not exist."};
    }
    return arn.substr(prefix.size());
}

}  // namespace

aws::Outcome<TagResourceOutput> Pipes::tag_resource(const aws::CallContext& context, const TagResourceInput& input) {
    TRY_ASSIGN(const std::string name, name_of(context, input.resourceArn));
    const auto change = [&](std::map<std::string, std::string>* tags) -> Status {
        for (const auto& [key, value] : input.tags) (*tags)[key] = value;
        if (tags->size() <= tags_max) return {};
        return Error{ErrorCode::invalid_argument, "A pipe has at most 50 tags."};
    };
    PIPES_TRY_ASSIGN(const flow::pipe::Description tagged, engine_.set_tags(context.scope, name, change));
    return TagResourceOutput{};
}

aws::Outcome<UntagResourceOutput> Pipes::untag_resource(const aws::CallContext& context,
                                                        const UntagResourceInput& input) {
    TRY_ASSIGN(const std::string name, name_of(context, input.resourceArn));
    const auto change = [&](std::map<std::string, std::string>* tags) -> Status {
        for (const std::string& key : input.tagKeys) tags->erase(key);
        return {};
    };
    PIPES_TRY_ASSIGN(const flow::pipe::Description untagged, engine_.set_tags(context.scope, name, change));
    return UntagResourceOutput{};
}

aws::Outcome<ListTagsForResourceOutput> Pipes::list_tags_for_resource(const aws::CallContext& context,
                                                                      const ListTagsForResourceInput& input) {
    TRY_ASSIGN(const std::string name, name_of(context, input.resourceArn));
    PIPES_TRY_ASSIGN(const flow::pipe::Description found, engine_.describe(context.scope, name));
    ListTagsForResourceOutput out;
    out.tags = found.pipe.tags;
    return out;
}

}  // namespace millrace::service::pipes
