#include "src/service/apigateway/api_gateway.h"
#include "src/service/apigateway/check.h"
#include "src/service/apigateway/edit.h"
#include "src/service/apigateway/shown.h"

namespace millrace::service::apigateway {

using namespace aws::apigateway;

namespace {

const PatchTable<gateway::MethodResponse>& patch_table() {
    using gateway::MethodResponse;
    static const PatchTable<MethodResponse> table(
        PatchErrors::short_ones,
        {
            {{"/responseParameters/{}", "add replace remove"},
             patch_flag_entry(&MethodResponse::parameters, "Invalid parameter name specified")},
            {{"/responseModels/{}", "add replace remove"},
             patch_entry(&MethodResponse::models, "Content-Type specified was not found")},
        });
    return table;
}

}  // namespace

aws::Outcome<PutMethodResponseOutput> ApiGateway::put_method_response(const aws::CallContext& context,
                                                                      const PutMethodResponseInput& input) {
    gateway::MethodResponse response;
    response.status_code = input.statusCode;
    if (input.responseParameters) response.parameters = *input.responseParameters;
    if (input.responseModels) response.models = *input.responseModels;
    TRY(edit_api(apis_, context.scope, input.restApiId, [&](gateway::RestApi& api) -> aws::Outcome<void> {
        TRY_ASSIGN(gateway::Method * method, method_in(api, input.resourceId, input.httpMethod));
        if (method->responses.contains(response.status_code)) {
            return conflict("Response already exists for this resource");
        }
        TRY(check_method_response(api, response));
        method->responses[response.status_code] = response;
        return {};
    }));
    return shown<PutMethodResponseOutput>(response);
}

aws::Outcome<GetMethodResponseOutput> ApiGateway::get_method_response(const aws::CallContext& context,
                                                                      const GetMethodResponseInput& input) {
    TRY_ASSIGN(const ApiPointer api, find_api(apis_, context.scope, input.restApiId));
    TRY_ASSIGN(const gateway::Method* method, method_in(*api, input.resourceId, input.httpMethod));
    TRY_ASSIGN(const gateway::MethodResponse* response, response_in(method->responses, input.statusCode));
    return shown<GetMethodResponseOutput>(*response);
}

aws::Outcome<UpdateMethodResponseOutput> ApiGateway::update_method_response(const aws::CallContext& context,
                                                                            const UpdateMethodResponseInput& input) {
    gateway::MethodResponse changed;
    TRY(edit_api(apis_, context.scope, input.restApiId, [&](gateway::RestApi& api) -> aws::Outcome<void> {
        TRY_ASSIGN(gateway::Method * method, method_in(api, input.resourceId, input.httpMethod));
        TRY_ASSIGN(gateway::MethodResponse * response, response_in(method->responses, input.statusCode));
        TRY(patch_table().apply(*response, patches_of(input.patchOperations)));
        TRY(check_method_response(api, *response));
        changed = *response;
        return {};
    }));
    return shown<UpdateMethodResponseOutput>(changed);
}

aws::Outcome<DeleteMethodResponseOutput> ApiGateway::delete_method_response(const aws::CallContext& context,
                                                                            const DeleteMethodResponseInput& input) {
    TRY(edit_api(apis_, context.scope, input.restApiId, [&](gateway::RestApi& api) -> aws::Outcome<void> {
        TRY_ASSIGN(gateway::Method * method, method_in(api, input.resourceId, input.httpMethod));
        TRY(response_in(method->responses, input.statusCode));
        method->responses.erase(input.statusCode);
        return {};
    }));
    return DeleteMethodResponseOutput{};
}

}  // namespace millrace::service::apigateway
