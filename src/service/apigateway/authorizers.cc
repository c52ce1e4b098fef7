#include "src/gateway/access/access.h"
#include "src/gateway/registry/new_id.h"
#include "src/service/apigateway/api_gateway.h"
#include "src/service/apigateway/check.h"
#include "src/service/apigateway/edit.h"
#include "src/service/apigateway/page.h"
#include "src/service/apigateway/shown.h"

namespace millrace::service::apigateway {

using namespace aws::apigateway;

namespace {

constexpr std::string_view no_pools = "there are no Cognito user pools";

const PatchTable<gateway::Authorizer>& patch_table() {
    using gateway::Authorizer;
    static const PatchTable<Authorizer> table(
        PatchErrors::short_ones,
        {
            {{"/name", "replace"}, patch_text(&Authorizer::name)},
            {{"/type", "replace"}, patch_text(&Authorizer::type)},
            {{"/authType", "replace"}, patch_text(&Authorizer::auth_type)},
            {{"/authorizerUri", "replace"}, patch_text(&Authorizer::uri)},
            {{"/authorizerCredentials", "replace remove"}, patch_text(&Authorizer::credentials)},
            {{"/identitySource", "replace remove"}, patch_text(&Authorizer::identity_source)},
            {{"/identityValidationExpression", "replace remove"}, patch_text(&Authorizer::validation_expression)},
            {{"/authorizerResultTtlInSeconds", "replace"},
             patch_integer(&Authorizer::result_ttl_s, 0, authorizer_ttl_s_max)},
            {{"/providerARNs", "add remove"}, patch_refused<Authorizer>("providerARNs", no_pools)},
        });
    return table;
}

template <class Api>
auto authorizer_in(Api& api, const std::string& id) -> aws::Outcome<decltype(&api.authorizers.begin()->second)> {
    const auto at = api.authorizers.find(id);
    if (at == api.authorizers.end()) return not_found("Invalid Authorizer identifier specified");
    return &at->second;
}

aws::Outcome<void> check_name_free(const gateway::RestApi& api, const gateway::Authorizer& mine) {
    for (const auto& [id, authorizer] : api.authorizers) {
        if (id != mine.id && authorizer.name == mine.name) {
            return bad_request("Authorizer name must be unique. Authorizer " + mine.name +
                               " already exists in this RestApi.");
        }
    }
    return {};
}

}  // namespace

aws::Outcome<void> check_authorizer_definition(const gateway::Authorizer& it) {
    if (it.type == "COGNITO_USER_POOLS") return not_honoured("type", no_pools);
    if (it.type != "TOKEN" && it.type != "REQUEST") return bad_request("Invalid authorizer type specified: " + it.type);
    if (it.name.empty()) return bad_request("Authorizer name cannot be empty");
    if (it.result_ttl_s < 0 || it.result_ttl_s > authorizer_ttl_s_max) {
        return bad_request("Authorizer result TTL must be between 0 and 3600 seconds");
    }
    if (it.uri.empty()) return bad_request("Lambda function ARN must be specified: authorizerUri");
    return outcome_of(gateway::check_authorizer(it));
}

aws::Outcome<CreateAuthorizerOutput> ApiGateway::create_authorizer(const aws::CallContext& context,
                                                                   const CreateAuthorizerInput& input) {
    gateway::Authorizer made;
    made.name = input.name;
    made.type = input.type;
    made.auth_type = input.authType.value_or("custom");
    made.uri = input.authorizerUri.value_or("");
    made.credentials = input.authorizerCredentials.value_or("");
    made.identity_source = input.identitySource.value_or("");
    made.validation_expression = input.identityValidationExpression.value_or("");
    made.result_ttl_s = input.authorizerResultTtlInSeconds.value_or(300);
    if (input.providerARNs && !input.providerARNs->empty()) return not_honoured("providerARNs", no_pools);
    TRY(check_authorizer_definition(made));
    TRY(edit_api(apis_, context.scope, input.restApiId, [&](gateway::RestApi& api) -> aws::Outcome<void> {
        TRY(check_name_free(api, made));
        if (api.authorizers.size() >= authorizers_max) {
            return limit_exceeded("Maximum number of authorizers has been reached: 10");
        }
        made.id = gateway::new_id(gateway::part_id_size);
        api.authorizers[made.id] = made;
        return {};
    }));
    return shown<CreateAuthorizerOutput>(made);
}

aws::Outcome<GetAuthorizerOutput> ApiGateway::get_authorizer(const aws::CallContext& context,
                                                             const GetAuthorizerInput& input) {
    TRY_ASSIGN(const ApiPointer api, find_api(apis_, context.scope, input.restApiId));
    TRY_ASSIGN(const gateway::Authorizer* found, authorizer_in(*api, input.authorizerId));
    return shown<GetAuthorizerOutput>(*found);
}

aws::Outcome<GetAuthorizersOutput> ApiGateway::get_authorizers(const aws::CallContext& context,
                                                               const GetAuthorizersInput& input) {
    TRY_ASSIGN(const ApiPointer api, find_api(apis_, context.scope, input.restApiId));
    return page_of<GetAuthorizersOutput>(
        input, api->authorizers, [](const auto& it) -> const std::string& { return it.first; },
        [](const auto& it) { return shown<Authorizer>(it.second); });
}

aws::Outcome<UpdateAuthorizerOutput> ApiGateway::update_authorizer(const aws::CallContext& context,
                                                                   const UpdateAuthorizerInput& input) {
    gateway::Authorizer changed;
    TRY(edit_api(apis_, context.scope, input.restApiId, [&](gateway::RestApi& api) -> aws::Outcome<void> {
        TRY_ASSIGN(gateway::Authorizer * found, authorizer_in(api, input.authorizerId));
        TRY(patch_table().apply(*found, patches_of(input.patchOperations)));
        TRY(check_authorizer_definition(*found));
        TRY(check_name_free(api, *found));
        changed = *found;
        return {};
    }));
    return shown<UpdateAuthorizerOutput>(changed);
}

aws::Outcome<DeleteAuthorizerOutput> ApiGateway::delete_authorizer(const aws::CallContext& context,
                                                                   const DeleteAuthorizerInput& input) {
    TRY(edit_api(apis_, context.scope, input.restApiId, [&](gateway::RestApi& api) -> aws::Outcome<void> {
        TRY(authorizer_in(api, input.authorizerId));
        for (const auto& [id, resource] : api.resources) {
            for (const auto& [name, method] : resource.methods) {
                if (method.authorizer_id != input.authorizerId) continue;
                return conflict("Cannot delete authorizer '" + input.authorizerId +
                                "', is referenced in method: " + resource.path + "/" + name);
            }
        }
        api.authorizers.erase(input.authorizerId);
        return {};
    }));
    return DeleteAuthorizerOutput{};
}

}  // namespace millrace::service::apigateway
