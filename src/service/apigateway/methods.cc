#include "src/service/apigateway/api_gateway.h"
#include "src/service/apigateway/check.h"
#include "src/service/apigateway/edit.h"
#include "src/service/apigateway/shown.h"

namespace millrace::service::apigateway {

using namespace aws::apigateway;

namespace {

const PatchTable<gateway::Method>& patch_table() {
    using gateway::Method;
    static const PatchTable<Method> table(
        PatchErrors::short_ones, {
                                     {{"/authorizationType", "replace"}, patch_text(&Method::authorization)},
                                     {{"/authorizerId", "replace remove"}, patch_text(&Method::authorizer_id)},
                                     {{"/authorizationScopes", "add remove"},
                                      patch_item(&Method::scopes, [](const Patch& patch) { return patch.text(); })},
                                     {{"/apiKeyRequired", "replace"}, patch_flag(&Method::api_key_required)},
                                     {{"/operationName", "replace remove"}, patch_text(&Method::operation_name)},
                                     {{"/requestValidatorId", "replace remove"}, patch_text(&Method::validator_id)},
                                     {{"/requestParameters/{}", "add replace remove"},
                                      patch_flag_entry(&Method::parameters, "Invalid parameter name specified")},
                                     {{"/requestModels/{}", "add replace remove"},
                                      patch_entry(&Method::models, "Content-Type specified was not found")},
                                 });
    return table;
}

}  // namespace

aws::Outcome<PutMethodOutput> ApiGateway::put_method(const aws::CallContext& context, const PutMethodInput& input) {
    gateway::Method method;
    method.http_method = input.httpMethod;
    method.authorization = input.authorizationType;
    for (char& c : method.authorization) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);  // AWS takes "none"
    method.authorizer_id = input.authorizerId.value_or("");
    method.scopes = input.authorizationScopes.value_or(std::vector<std::string>());
    method.api_key_required = input.apiKeyRequired.value_or(false);
    method.operation_name = input.operationName.value_or("");
    method.validator_id = input.requestValidatorId.value_or("");
    if (input.requestParameters) method.parameters = *input.requestParameters;
    if (input.requestModels) method.models = *input.requestModels;
    if (!is_http_method(method.http_method)) {
        return bad_request(
            "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY");
    }
    TRY(edit_api(apis_, context.scope, input.restApiId, [&](gateway::RestApi& api) -> aws::Outcome<void> {
        TRY_ASSIGN(gateway::Resource * resource, resource_in(api, input.resourceId));
        if (resource->methods.contains(method.http_method)) {
            return conflict("Method already exists for this resource");
        }
        TRY(check_method(api, method));
        resource->methods[method.http_method] = method;
        return {};
    }));
    return shown<PutMethodOutput>(method);
}

aws::Outcome<GetMethodOutput> ApiGateway::get_method(const aws::CallContext& context, const GetMethodInput& input) {
    TRY_ASSIGN(const ApiPointer api, find_api(apis_, context.scope, input.restApiId));
    TRY_ASSIGN(const gateway::Method* method, method_in(*api, input.resourceId, input.httpMethod));
    return shown<GetMethodOutput>(*method);
}

aws::Outcome<UpdateMethodOutput> ApiGateway::update_method(const aws::CallContext& context,
                                                           const UpdateMethodInput& input) {
    gateway::Method changed;
    TRY(edit_api(apis_, context.scope, input.restApiId, [&](gateway::RestApi& api) -> aws::Outcome<void> {
        TRY_ASSIGN(gateway::Method * method, method_in(api, input.resourceId, input.httpMethod));
        TRY(patch_table().apply(*method, patches_of(input.patchOperations)));
        TRY(check_method(api, *method));
        changed = *method;
        return {};
    }));
    return shown<UpdateMethodOutput>(changed);
}

aws::Outcome<DeleteMethodOutput> ApiGateway::delete_method(const aws::CallContext& context,
                                                           const DeleteMethodInput& input) {
    TRY(edit_api(apis_, context.scope, input.restApiId, [&](gateway::RestApi& api) -> aws::Outcome<void> {
        TRY(method_in(api, input.resourceId, input.httpMethod));
        api.resources.at(input.resourceId).methods.erase(input.httpMethod);
        return {};
    }));
    return DeleteMethodOutput{};
}

}  // namespace millrace::service::apigateway
