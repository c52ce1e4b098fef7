// What an API answers where it does not come to an integration's answer. Those that nobody has changed are shown with
// API Gateway's own values.
#include <map>

#include "src/service/apigateway/api_gateway.h"
#include "src/service/apigateway/check.h"
#include "src/service/apigateway/edit.h"
#include "src/service/apigateway/page.h"
#include "src/service/apigateway/shown.h"

namespace millrace::service::apigateway {

using namespace aws::apigateway;

namespace {

// https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
const std::map<std::string, std::string>& statuses() {
    static const std::map<std::string, std::string> all{
        {"ACCESS_DENIED", "403"},
        {"API_CONFIGURATION_ERROR", "500"},
        {"AUTHORIZER_CONFIGURATION_ERROR", "500"},
        {"AUTHORIZER_FAILURE", "500"},
        {"BAD_REQUEST_BODY", "400"},
        {"BAD_REQUEST_PARAMETERS", "400"},
        {"DEFAULT_4XX", ""},
        {"DEFAULT_5XX", ""},
        {"EXPIRED_TOKEN", "403"},
        {"INTEGRATION_FAILURE", "504"},
        {"INTEGRATION_TIMEOUT", "504"},
        {"INVALID_API_KEY", "403"},
        {"INVALID_SIGNATURE", "403"},
        {"MISSING_AUTHENTICATION_TOKEN", "403"},
        {"QUOTA_EXCEEDED", "429"},
        {"REQUEST_TOO_LARGE", "413"},
        {"RESOURCE_NOT_FOUND", "404"},
        {"THROTTLED", "429"},
        {"UNAUTHORIZED", "401"},
        {"UNSUPPORTED_MEDIA_TYPE", "415"},
        {"WAF_FILTERED", "403"},
    };
    return all;
}

template <class Out>
Out show(const gateway::RestApi& api, const std::string& type) {
    Out out;
    out.responseType = type;
    const auto changed = api.gateway_responses.find(type);
    out.defaultResponse = changed == api.gateway_responses.end();
    if (changed != api.gateway_responses.end()) {
        const gateway::GatewayResponse& it = changed->second;
        out.statusCode = unless_empty(it.status_code);
        out.responseParameters = it.parameters;
        out.responseTemplates = it.templates;
        return out;
    }
    out.statusCode = unless_empty(statuses().at(type));
    out.responseParameters.emplace();
    out.responseTemplates.emplace()["application/json"] = "{\"message\":$context.error.messageString}";
    return out;
}

aws::Outcome<void> take_status(gateway::GatewayResponse& response, const Patch& patch) {
    if (patch.text().size() != 3 || !only_of(patch.text(), "0123456789")) {
        return bad_request("Invalid status code specified: " + patch.text());
    }
    response.status_code = patch.text();
    return {};
}

const PatchTable<gateway::GatewayResponse>& patch_table() {
    using gateway::GatewayResponse;
    static const PatchTable<GatewayResponse> table(
        PatchErrors::short_ones, {
                                     {{"/statusCode", "replace"}, take_status},
                                     {{"/responseParameters/{}", "add replace remove"},
                                      patch_entry(&GatewayResponse::parameters, "Invalid parameter name specified")},
                                     {{"/responseTemplates/{}", "add replace remove"},
                                      patch_entry(&GatewayResponse::templates, "Invalid parameter name specified")},
                                 });
    return table;
}

}  // namespace

aws::Outcome<void> check_gateway_response(const gateway::GatewayResponse& it) {
    if (!statuses().contains(it.type)) return bad_request("Invalid gateway response type specified: " + it.type);
    for (const auto& [to, from] : it.parameters) {
        if (!to.starts_with("gatewayresponse.header.")) {
            return bad_request(
                "Invalid mapping expression specified: Validation Result: warnings : [], errors : "
                "[Invalid mapping expression specified: " +
                to + "]");
        }
        if (from.empty()) return bad_request("Invalid null or empty value in responseParameters");
    }
    for (const auto& [content_type, text] : it.templates) {
        if (text.empty()) return bad_request("Invalid null or empty value in responseTemplates");
        if (text.size() > template_bytes_max) return bad_request("Mapping template is over 300 KB");
    }
    return {};
}

aws::Outcome<PutGatewayResponseOutput> ApiGateway::put_gateway_response(const aws::CallContext& context,
                                                                        const PutGatewayResponseInput& input) {
    gateway::GatewayResponse made;
    made.type = input.responseType;
    made.status_code = input.statusCode.value_or(statuses().at(input.responseType));
    if (input.responseParameters) made.parameters = *input.responseParameters;
    if (input.responseTemplates) made.templates = *input.responseTemplates;
    if (made.templates.empty()) made.templates["application/json"] = "{\"message\":$context.error.messageString}";
    TRY(check_gateway_response(made));
    TRY_ASSIGN(const ApiPointer api,
               edit_api(apis_, context.scope, input.restApiId, [&](gateway::RestApi& it) -> aws::Outcome<void> {
                   it.gateway_responses[made.type] = made;
                   return {};
               }));
    return show<PutGatewayResponseOutput>(*api, made.type);
}

aws::Outcome<GetGatewayResponseOutput> ApiGateway::get_gateway_response(const aws::CallContext& context,
                                                                        const GetGatewayResponseInput& input) {
    TRY_ASSIGN(const ApiPointer api, find_api(apis_, context.scope, input.restApiId));
    return show<GetGatewayResponseOutput>(*api, input.responseType);
}

aws::Outcome<GetGatewayResponsesOutput> ApiGateway::get_gateway_responses(const aws::CallContext& context,
                                                                          const GetGatewayResponsesInput& input) {
    TRY_ASSIGN(const ApiPointer api, find_api(apis_, context.scope, input.restApiId));
    return page_of<GetGatewayResponsesOutput>(
        input, statuses(), [](const auto& it) -> const std::string& { return it.first; },
        [&](const auto& it) { return show<GatewayResponse>(*api, it.first); });
}

aws::Outcome<UpdateGatewayResponseOutput> ApiGateway::update_gateway_response(const aws::CallContext& context,
                                                                              const UpdateGatewayResponseInput& input) {
    TRY_ASSIGN(const ApiPointer api,
               edit_api(apis_, context.scope, input.restApiId, [&](gateway::RestApi& it) -> aws::Outcome<void> {
                   gateway::GatewayResponse changed{input.responseType, statuses().at(input.responseType), {}, {}};
                   changed.templates["application/json"] = "{\"message\":$context.error.messageString}";
                   const auto at = it.gateway_responses.find(input.responseType);
                   if (at != it.gateway_responses.end()) changed = at->second;
                   TRY(patch_table().apply(changed, patches_of(input.patchOperations)));
                   TRY(check_gateway_response(changed));
                   it.gateway_responses[input.responseType] = changed;
                   return {};
               }));
    return show<UpdateGatewayResponseOutput>(*api, input.responseType);
}

aws::Outcome<DeleteGatewayResponseOutput> ApiGateway::delete_gateway_response(const aws::CallContext& context,
                                                                              const DeleteGatewayResponseInput& input) {
    TRY(edit_api(apis_, context.scope, input.restApiId, [&](gateway::RestApi& api) -> aws::Outcome<void> {
        if (api.gateway_responses.erase(input.responseType) == 0) {
            return not_found("Gateway response type not defined on api");
        }
        return {};
    }));
    return DeleteGatewayResponseOutput{};
}

}  // namespace millrace::service::apigateway
