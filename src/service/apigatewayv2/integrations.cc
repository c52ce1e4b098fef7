#include "src/service/apigatewayv2/apigatewayv2.h"
#include "src/service/apigatewayv2/checks.h"
#include "src/service/apigatewayv2/errors.h"
#include "src/service/apigatewayv2/page.h"
#include "src/service/apigatewayv2/shown.h"

namespace millrace::service::apigatewayv2 {

using namespace aws::apigatewayv2;

namespace {

template <class Input>
Status take_members(const Input& input, engine::Integration& integration) {
    take(input.ConnectionType, integration.connection_type);
    take(input.CredentialsArn, integration.credentials);
    take(input.Description, integration.description);
    take(input.IntegrationMethod, integration.method);
    take(input.IntegrationSubtype, integration.subtype);
    take(input.IntegrationType, integration.type);
    take(input.IntegrationUri, integration.uri);
    take(input.PayloadFormatVersion, integration.payload_version);
    // An empty value takes a parameter away.
    if (input.RequestParameters) {
        for (const auto& [name, value] : *input.RequestParameters) {
            integration.request_parameters[name] = value;
            if (value.empty() && !name.starts_with("remove:")) integration.request_parameters.erase(name);
        }
    }
    if (input.ResponseParameters) {
        for (const auto& [status, mapping] : *input.ResponseParameters) {
            integration.response_parameters[status] = mapping;
            if (mapping.empty()) integration.response_parameters.erase(status);
        }
    }
    take(input.TimeoutInMillis, integration.timeout_ms);
    return {};
}

}  // namespace

aws::Outcome<CreateIntegrationOutput> ApiGatewayV2::create_integration(const Context& context,
                                                                       const CreateIntegrationInput& input) {
    std::string id;
    const auto changed = apis_.edit(context.scope, input.ApiId, [&](engine::HttpApi& api) -> Status {
        if (api.current.integrations.size() >= engine::integrations_max) {
            return Error{ErrorCode::resource_exhausted,
                         "Maximum number of integrations for this API has been reached. Limit: " +
                             std::to_string(engine::integrations_max)};
        }
        engine::Integration integration;
        do {
            integration.id = engine::new_id();
        } while (api.current.integrations.contains(integration.id));
        if (!input.PayloadFormatVersion && input.IntegrationType == "AWS_PROXY") {
            return bad_request("PayloadFormatVersion is a required parameter for integration");
        }
        TRY(take_members(input, integration));
        TRY(check_integration(integration));
        id = integration.id;
        api.current.integrations[id] = std::move(integration);
        return {};
    });
    if (!changed.ok()) return failure_of(changed.error());
    return show_integration<CreateIntegrationOutput>((*changed)->current.integrations.at(id));
}

aws::Outcome<GetIntegrationOutput> ApiGatewayV2::get_integration(const Context& context,
                                                                 const GetIntegrationInput& input) {
    const auto api = apis_.find(context.scope, input.ApiId);
    if (!api.ok()) return failure_of(api.error());
    const auto at = (*api)->current.integrations.find(input.IntegrationId);
    if (at == (*api)->current.integrations.end()) return failure_of(none_such("Integration", input.IntegrationId));
    return show_integration<GetIntegrationOutput>(at->second);
}

aws::Outcome<GetIntegrationsOutput> ApiGatewayV2::get_integrations(const Context& context,
                                                                   const GetIntegrationsInput& input) {
    const auto api = apis_.find(context.scope, input.ApiId);
    if (!api.ok()) return failure_of(api.error());
    GetIntegrationsOutput out;
    const Status filled = fill_page(input, (*api)->current.integrations, out, show_integration<Integration>);
    if (!filled.ok()) return failure_of(filled.error());
    return out;
}

aws::Outcome<UpdateIntegrationOutput> ApiGatewayV2::update_integration(const Context& context,
                                                                       const UpdateIntegrationInput& input) {
    const auto changed = apis_.edit(context.scope, input.ApiId, [&](engine::HttpApi& api) -> Status {
        const auto at = api.current.integrations.find(input.IntegrationId);
        if (at == api.current.integrations.end()) return none_such("Integration", input.IntegrationId);
        engine::Integration integration = at->second;
        TRY(take_members(input, integration));
        TRY(check_integration(integration));
        at->second = std::move(integration);
        return {};
    });
    if (!changed.ok()) return failure_of(changed.error());
    return show_integration<UpdateIntegrationOutput>((*changed)->current.integrations.at(input.IntegrationId));
}

aws::Outcome<DeleteIntegrationOutput> ApiGatewayV2::delete_integration(const Context& context,
                                                                       const DeleteIntegrationInput& input) {
    const auto changed = apis_.edit(context.scope, input.ApiId, [&](engine::HttpApi& api) -> Status {
        for (const auto& [id, route] : api.current.routes) {
            if (route.target == "integrations/" + input.IntegrationId) {
                return Error{ErrorCode::failed_precondition, "Cannot delete Integration '" + input.IntegrationId +
                                                                 "' due to Route '" + id + "' that targets it"};
            }
        }
        if (api.current.integrations.erase(input.IntegrationId) == 0)
            return none_such("Integration", input.IntegrationId);
        return {};
    });
    if (!changed.ok()) return failure_of(changed.error());
    return DeleteIntegrationOutput{};
}

}  // namespace millrace::service::apigatewayv2
