// Tags of APIs, stages and domain names: arn:aws:apigateway:REGION::/apis/ID, .../stages/NAME, /domainnames/NAME.
#include "src/service/apigatewayv2/apigatewayv2.h"
#include "src/service/apigatewayv2/checks.h"
#include "src/service/apigatewayv2/errors.h"
#include "src/service/apigatewayv2/shown.h"

namespace millrace::service::apigatewayv2 {

using namespace aws::apigatewayv2;

namespace {

struct Tagged {
    std::string api, stage, domain;  // stage "": the API itself
};

Result<Tagged> tagged(std::string_view arn) {
    Tagged to;
    const size_t at = arn.find("::/");
    std::string_view path = at == std::string_view::npos ? std::string_view() : arn.substr(at + 2);
    if (path.starts_with("/domainnames/")) {
        to.domain = path.substr(13);
    } else if (path.starts_with("/apis/")) {
        path.remove_prefix(6);
        to.api = path.substr(0, path.find('/'));
        path.remove_prefix(to.api.size());
        if (path.starts_with("/stages/")) {
            to.stage = path.substr(8);
        } else if (!path.empty()) {
            to.api.clear();
        }
    }
    if (to.api.empty() && to.domain.empty()) return bad_request("Invalid resource ARN: " + std::string(arn));
    return to;
}

using TagEdit = std::function<void(engine::TextMap&)>;

Status edit_tags(engine::HttpApis& apis, const Scope& scope, std::string_view arn, const TagEdit& edit) {
    TRY_ASSIGN(const Tagged to, tagged(arn));
    if (!to.domain.empty()) {
        const auto changed = apis.edit_domain(scope, to.domain, [&](engine::DomainName& domain) -> Status {
            edit(domain.tags);
            return check_tags(domain.tags);
        });
        return changed.ok() ? Status{} : Status(changed.error());
    }
    const auto changed = apis.edit(scope, to.api, [&](engine::HttpApi& api) -> Status {
        engine::TextMap* tags = &api.tags;
        if (!to.stage.empty()) {
            const auto at = api.stages.find(to.stage);
            if (at == api.stages.end()) return none_such("Stage", to.stage);
            tags = &at->second.tags;
        }
        edit(*tags);
        return check_tags(*tags);
    });
    return changed.ok() ? Status{} : Status(changed.error());
}

Result<engine::TextMap> read_tags(engine::HttpApis& apis, const Scope& scope, std::string_view arn) {
    TRY_ASSIGN(const Tagged to, tagged(arn));
    if (!to.domain.empty()) {
        TRY_ASSIGN(const auto domain, apis.find_domain(scope, to.domain));
        return domain->tags;
    }
    TRY_ASSIGN(const auto api, apis.find(scope, to.api));
    if (to.stage.empty()) return api->tags;
    const auto at = api->stages.find(to.stage);
    if (at == api->stages.end()) return none_such("Stage", to.stage);
    return at->second.tags;
}

}  // namespace

aws::Outcome<GetTagsOutput> ApiGatewayV2::get_tags(const Context& context, const GetTagsInput& input) {
    Result<engine::TextMap> tags = read_tags(apis_, context.scope, input.ResourceArn);
    if (!tags.ok()) return failure_of(tags.error());
    GetTagsOutput out;
    out.Tags = std::move(*tags);
    return out;
}

aws::Outcome<TagResourceOutput> ApiGatewayV2::tag_resource(const Context& context, const TagResourceInput& input) {
    const Status changed = edit_tags(apis_, context.scope, input.ResourceArn, [&](engine::TextMap& tags) {
        if (!input.Tags) return;
        for (const auto& [name, value] : *input.Tags) tags[name] = value;
    });
    if (!changed.ok()) return failure_of(changed.error());
    return TagResourceOutput{};
}

aws::Outcome<UntagResourceOutput> ApiGatewayV2::untag_resource(const Context& context,
                                                               const UntagResourceInput& input) {
    const Status changed = edit_tags(apis_, context.scope, input.ResourceArn, [&](engine::TextMap& tags) {
        for (const std::string& name : input.TagKeys) tags.erase(name);
    });
    if (!changed.ok()) return failure_of(changed.error());
    return UntagResourceOutput{};
}

}  // namespace millrace::service::apigatewayv2
