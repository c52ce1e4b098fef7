#include "src/service/apigateway/api_gateway.h"
#include "src/service/apigateway/check.h"
#include "src/service/apigateway/edit.h"

namespace millrace::service::apigateway {

using namespace aws::apigateway;

namespace {

// "arn:aws:apigateway:REGION::/restapis/ID/stages/NAME" -> {"restapis", "ID", "stages", "NAME"}.
aws::Outcome<std::vector<std::string>> parse_arn(const Scope& scope, const std::string& arn) {
    const std::string stem = "arn:aws:apigateway:" + scope.region + "::/";
    if (!arn.starts_with(stem)) {
        return bad_request("Invalid resource ARN specified in the request: expected " + stem + "...");
    }
    return pointer_parts(std::string_view(arn).substr(stem.size() - 1));
}

}  // namespace

aws::Outcome<gateway::TextMap> ApiGateway::tags_of(const aws::CallContext& context, const std::string& arn,
                                                   const TagChange& change) {
    const Scope& scope = context.scope;
    TRY_ASSIGN(const std::vector<std::string> parts, parse_arn(scope, arn));
    gateway::TextMap tags;
    // Reading is a change that changes nothing, and is not carried out.
    const auto apply = [&](auto& it) -> aws::Outcome<void> {
        if (change) TRY(change(it.tags));
        if (change) TRY(check_tags(it.tags));
        tags = it.tags;
        return {};
    };
    const auto on = [&]<class T>(Result<std::shared_ptr<const T>> found, const auto& edit) -> aws::Outcome<void> {
        TRY_ASSIGN(const auto it, outcome_of(std::move(found)));
        if (!change) {
            tags = it->tags;
            return {};
        }
        TRY(edit_with<T>(apply, edit));
        return {};
    };
    const std::string& kind = parts[0];
    if (kind == "restapis" && parts.size() == 2) {
        TRY(on(apis_.find(scope, parts[1]), [&](const auto& edit) { return apis_.edit(scope, parts[1], edit); }));
    } else if (kind == "restapis" && parts.size() == 4 && parts[2] == "stages") {
        TRY(on(apis_.find_stage(scope, parts[1], parts[3]),
               [&](const auto& edit) { return apis_.edit_stage(scope, parts[1], parts[3], edit); }));
    } else if (kind == "apikeys" && parts.size() == 2) {
        TRY(on(apis_.find_key(scope, parts[1]),
               [&](const auto& edit) { return apis_.edit_key(scope, parts[1], edit); }));
    } else if (kind == "usageplans" && parts.size() == 2) {
        TRY(on(apis_.find_plan(scope, parts[1]),
               [&](const auto& edit) { return apis_.edit_plan(scope, parts[1], edit); }));
    } else if (kind == "domainnames" && parts.size() == 2) {
        TRY(on(apis_.find_domain(scope, parts[1]),
               [&](const auto& edit) { return apis_.edit_domain(scope, parts[1], edit); }));
    } else {
        return bad_request(
            "Invalid resource ARN specified in the request: REST APIs, stages, API keys, usage plans "
            "and domain names have tags");
    }
    return tags;
}

aws::Outcome<TagResourceOutput> ApiGateway::tag_resource(const aws::CallContext& context,
                                                         const TagResourceInput& input) {
    TRY(tags_of(context, input.resourceArn, [&](gateway::TextMap& tags) -> aws::Outcome<void> {
        for (const auto& [key, value] : input.tags) tags[key] = value;
        return {};
    }));
    return TagResourceOutput{};
}

aws::Outcome<UntagResourceOutput> ApiGateway::untag_resource(const aws::CallContext& context,
                                                             const UntagResourceInput& input) {
    TRY(tags_of(context, input.resourceArn, [&](gateway::TextMap& tags) -> aws::Outcome<void> {
        for (const std::string& key : input.tagKeys) tags.erase(key);
        return {};
    }));
    return UntagResourceOutput{};
}

aws::Outcome<GetTagsOutput> ApiGateway::get_tags(const aws::CallContext& context, const GetTagsInput& input) {
    if (input.position || input.limit) return not_honoured("position", "tags are answered whole");
    TRY_ASSIGN(const gateway::TextMap tags, tags_of(context, input.resourceArn, nullptr));
    GetTagsOutput output;
    output.tags = tags;
    return output;
}

}  // namespace millrace::service::apigateway
