#include "src/service/apigateway/api_gateway.h"
#include "src/service/apigateway/check.h"
#include "src/service/apigateway/edit.h"
#include "src/service/apigateway/shown.h"

namespace millrace::service::apigateway {

using namespace aws::apigateway;

namespace {

aws::Outcome<void> take_pattern(gateway::IntegrationResponse& response, const Patch& patch) {
    response.selection_pattern = patch.removes() ? std::nullopt : patch.value;
    return {};
}

const PatchTable<gateway::IntegrationResponse>& patch_table() {
    using gateway::IntegrationResponse;
    static const PatchTable<IntegrationResponse> table(
        PatchErrors::short_ones,
        {
            {{"/selectionPattern", "replace remove"}, take_pattern},
            {{"/contentHandling", "replace remove"}, patch_text(&IntegrationResponse::content_handling)},
            {{"/responseParameters/{}", "add replace remove"},
             patch_entry(&IntegrationResponse::parameters, "Invalid parameter name specified")},
            {{"/responseTemplates/{}", "add replace remove"},
             patch_entry(&IntegrationResponse::templates, "Invalid content type specified")},
        });
    return table;
}

}  // namespace

aws::Outcome<PutIntegrationResponseOutput> ApiGateway::put_integration_response(
    const aws::CallContext& context, const PutIntegrationResponseInput& input) {
    gateway::IntegrationResponse response;
    response.status_code = input.statusCode;
    response.selection_pattern = input.selectionPattern;
    if (input.responseParameters) response.parameters = *input.responseParameters;
    if (input.responseTemplates) response.templates = *input.responseTemplates;
    response.content_handling = input.contentHandling.value_or("");
    TRY(edit_api(apis_, context.scope, input.restApiId, [&](gateway::RestApi& api) -> aws::Outcome<void> {
        TRY_ASSIGN(const gateway::Method* method, method_in(api, input.resourceId, input.httpMethod));
        TRY_ASSIGN(gateway::Integration * integration, integration_in(api, input.resourceId, input.httpMethod));
        TRY(check_integration_response(*method, response));
        integration->responses[response.status_code] = response;
        return {};
    }));
    return shown<PutIntegrationResponseOutput>(response);
}

aws::Outcome<GetIntegrationResponseOutput> ApiGateway::get_integration_response(
    const aws::CallContext& context, const GetIntegrationResponseInput& input) {
    TRY_ASSIGN(const ApiPointer api, find_api(apis_, context.scope, input.restApiId));
    TRY_ASSIGN(const gateway::Integration* integration, integration_in(*api, input.resourceId, input.httpMethod));
    TRY_ASSIGN(const gateway::IntegrationResponse* response, response_in(integration->responses, input.statusCode));
    return shown<GetIntegrationResponseOutput>(*response);
}

aws::Outcome<UpdateIntegrationResponseOutput> ApiGateway::update_integration_response(
    const aws::CallContext& context, const UpdateIntegrationResponseInput& input) {
    gateway::IntegrationResponse changed;
    TRY(edit_api(apis_, context.scope, input.restApiId, [&](gateway::RestApi& api) -> aws::Outcome<void> {
        TRY_ASSIGN(const gateway::Method* method, method_in(api, input.resourceId, input.httpMethod));
        TRY_ASSIGN(gateway::Integration * integration, integration_in(api, input.resourceId, input.httpMethod));
        TRY_ASSIGN(gateway::IntegrationResponse * response, response_in(integration->responses, input.statusCode));
        TRY(patch_table().apply(*response, patches_of(input.patchOperations)));
        TRY(check_integration_response(*method, *response));
        changed = *response;
        return {};
    }));
    return shown<UpdateIntegrationResponseOutput>(changed);
}

aws::Outcome<DeleteIntegrationResponseOutput> ApiGateway::delete_integration_response(
    const aws::CallContext& context, const DeleteIntegrationResponseInput& input) {
    TRY(edit_api(apis_, context.scope, input.restApiId, [&](gateway::RestApi& api) -> aws::Outcome<void> {
        TRY_ASSIGN(gateway::Integration * integration, integration_in(api, input.resourceId, input.httpMethod));
        TRY(response_in(integration->responses, input.statusCode));
        integration->responses.erase(input.statusCode);
        return {};
    }));
    return DeleteIntegrationResponseOutput{};
}

}  // namespace millrace::service::apigateway
