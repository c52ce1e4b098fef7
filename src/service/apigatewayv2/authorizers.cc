#include "src/service/apigatewayv2/apigatewayv2.h"
#include "src/service/apigatewayv2/checks.h"
#include "src/service/apigatewayv2/errors.h"
#include "src/service/apigatewayv2/page.h"
#include "src/service/apigatewayv2/shown.h"

namespace millrace::service::apigatewayv2 {

using namespace aws::apigatewayv2;

namespace {

template <class Input>
Status take_members(const Input& input, engine::Authorizer& authorizer) {
    take(input.AuthorizerCredentialsArn, authorizer.credentials);
    take(input.AuthorizerPayloadFormatVersion, authorizer.payload_version);
    take(input.AuthorizerResultTtlInSeconds, authorizer.result_ttl_s);
    take(input.AuthorizerType, authorizer.type);
    take(input.AuthorizerUri, authorizer.uri);
    take(input.EnableSimpleResponses, authorizer.simple_responses);
    take(input.IdentitySource, authorizer.identity_sources);
    take(input.Name, authorizer.name);
    if (input.JwtConfiguration) {
        take(input.JwtConfiguration->Audience, authorizer.audience);
        take(input.JwtConfiguration->Issuer, authorizer.issuer);
    }
    return {};
}

}  // namespace

aws::Outcome<CreateAuthorizerOutput> ApiGatewayV2::create_authorizer(const Context& context,
                                                                     const CreateAuthorizerInput& input) {
    std::string id;
    const auto changed = apis_.edit(context.scope, input.ApiId, [&](engine::HttpApi& api) -> Status {
        if (api.current.authorizers.size() >= engine::authorizers_max) {
            return Error{ErrorCode::resource_exhausted,
                         "Maximum number of authorizers for this API has been reached. Limit: " +
                             std::to_string(engine::authorizers_max)};
        }
        engine::Authorizer authorizer;
        do {
            authorizer.id = engine::new_id();
        } while (api.current.authorizers.contains(authorizer.id));
        if (!input.AuthorizerPayloadFormatVersion) authorizer.payload_version.clear();  // a REQUEST one has to say it
        TRY(take_members(input, authorizer));
        TRY(check_authorizer(authorizer));
        id = authorizer.id;
        api.current.authorizers[id] = std::move(authorizer);
        return {};
    });
    if (!changed.ok()) return failure_of(changed.error());
    return show_authorizer<CreateAuthorizerOutput>((*changed)->current.authorizers.at(id));
}

aws::Outcome<GetAuthorizerOutput> ApiGatewayV2::get_authorizer(const Context& context,
                                                               const GetAuthorizerInput& input) {
    const auto api = apis_.find(context.scope, input.ApiId);
    if (!api.ok()) return failure_of(api.error());
    const auto at = (*api)->current.authorizers.find(input.AuthorizerId);
    if (at == (*api)->current.authorizers.end()) return failure_of(none_such("Authorizer", input.AuthorizerId));
    return show_authorizer<GetAuthorizerOutput>(at->second);
}

aws::Outcome<GetAuthorizersOutput> ApiGatewayV2::get_authorizers(const Context& context,
                                                                 const GetAuthorizersInput& input) {
    const auto api = apis_.find(context.scope, input.ApiId);
    if (!api.ok()) return failure_of(api.error());
    GetAuthorizersOutput out;
    const Status filled = fill_page(input, (*api)->current.authorizers, out, show_authorizer<Authorizer>);
    if (!filled.ok()) return failure_of(filled.error());
    return out;
}

aws::Outcome<UpdateAuthorizerOutput> ApiGatewayV2::update_authorizer(const Context& context,
                                                                     const UpdateAuthorizerInput& input) {
    const auto changed = apis_.edit(context.scope, input.ApiId, [&](engine::HttpApi& api) -> Status {
        const auto at = api.current.authorizers.find(input.AuthorizerId);
        if (at == api.current.authorizers.end()) return none_such("Authorizer", input.AuthorizerId);
        engine::Authorizer authorizer = at->second;
        TRY(take_members(input, authorizer));
        TRY(check_authorizer(authorizer));
        at->second = std::move(authorizer);
        return {};
    });
    if (!changed.ok()) return failure_of(changed.error());
    return show_authorizer<UpdateAuthorizerOutput>((*changed)->current.authorizers.at(input.AuthorizerId));
}

aws::Outcome<DeleteAuthorizerOutput> ApiGatewayV2::delete_authorizer(const Context& context,
                                                                     const DeleteAuthorizerInput& input) {
    const auto changed = apis_.edit(context.scope, input.ApiId, [&](engine::HttpApi& api) -> Status {
        for (const auto& [id, route] : api.current.routes) {
            if (route.authorizer_id == input.AuthorizerId) {
                return Error{ErrorCode::failed_precondition, "Cannot delete authorizer '" + input.AuthorizerId +
                                                                 "', is referenced in route: " + route.key};
            }
        }
        if (api.current.authorizers.erase(input.AuthorizerId) == 0) return none_such("Authorizer", input.AuthorizerId);
        return {};
    });
    if (!changed.ok()) return failure_of(changed.error());
    return DeleteAuthorizerOutput{};
}

aws::Outcome<ResetAuthorizersCacheOutput> ApiGatewayV2::reset_authorizers_cache(
    const Context& context, const ResetAuthorizersCacheInput& input) {
    const auto api = apis_.find(context.scope, input.ApiId);
    if (!api.ok()) return failure_of(api.error());
    if (!(*api)->stages.contains(input.StageName)) return failure_of(none_such("Stage", input.StageName));
    plane_.forget_answers(input.ApiId, input.StageName);
    return ResetAuthorizersCacheOutput{};
}

}  // namespace millrace::service::apigatewayv2
