#include "src/service/apigateway/api_gateway.h"
#include "src/service/apigateway/check.h"
#include "src/service/apigateway/edit.h"
#include "src/service/apigateway/limits.h"
#include "src/service/apigateway/shown.h"

namespace millrace::service::apigateway {

using namespace aws::apigateway;

namespace {

constexpr std::string_view no_vpc = "there are no VPC links";

aws::Outcome<void> take_insecure(gateway::Integration& integration, const Patch& patch) {
    TRY_ASSIGN(integration.tls_insecure, parse_flag(patch));
    return {};
}

const PatchTable<gateway::Integration>& patch_table() {
    using gateway::Integration;
    static const PatchTable<Integration> table(
        PatchErrors::short_ones,
        {
            {{"/type", "replace"}, patch_text(&Integration::type)},
            {{"/httpMethod", "replace"}, patch_text(&Integration::http_method)},
            {{"/uri", "replace"}, patch_text(&Integration::uri)},
            {{"/credentials", "replace remove"}, patch_text(&Integration::credentials)},
            {{"/passthroughBehavior", "replace"}, patch_text(&Integration::passthrough)},
            {{"/contentHandling", "replace remove"}, patch_text(&Integration::content_handling)},
            {{"/timeoutInMillis", "replace"},
             patch_integer(&Integration::timeout_ms, integration_timeout_ms_min, integration_timeout_ms_max)},
            {{"/cacheNamespace", "replace"}, patch_text(&Integration::cache_namespace)},
            {{"/cacheKeyParameters/{}", "add replace remove"},
             patch_item(&Integration::cache_key_parameters, [](const Patch& patch) { return patch.parts.back(); })},
            {{"/requestParameters/{}", "add replace remove"},
             patch_entry(&Integration::parameters, "Invalid parameter name specified")},
            {{"/requestTemplates/{}", "add replace remove"},
             patch_entry(&Integration::templates, "Invalid content type specified")},
            {{"/tlsConfig/insecureSkipVerification", "replace"}, take_insecure},
            {{"/connectionType", "replace"}, patch_fixed<Integration>("connectionType", "INTERNET", no_vpc)},
            {{"/connectionId", "replace remove"}, patch_fixed<Integration>("connectionId", "", no_vpc)},
        });
    return table;
}

aws::Outcome<void> check_type(const std::string& type) {
    if (type == "HTTP" || type == "HTTP_PROXY" || type == "AWS" || type == "AWS_PROXY" || type == "MOCK") return {};
    return bad_request("Invalid integration type specified: " + type);
}

}  // namespace

aws::Outcome<PutIntegrationOutput> ApiGateway::put_integration(const aws::CallContext& context,
                                                               const PutIntegrationInput& input) {
    if (input.connectionType.value_or("INTERNET") != "INTERNET") return not_honoured("connectionType", no_vpc);
    if (input.responseTransferMode.value_or("BUFFERED") != "BUFFERED") {
        return not_honoured("responseTransferMode", "answers of integrations are sent when they are complete");
    }
    gateway::Integration made;
    made.type = input.type;
    made.http_method = input.integrationHttpMethod.value_or("");
    made.uri = input.uri.value_or("");
    made.connection_type = input.connectionType.value_or("");
    made.credentials = input.credentials.value_or("");
    if (input.requestParameters) made.parameters = *input.requestParameters;
    if (input.requestTemplates) made.templates = *input.requestTemplates;
    made.passthrough = input.passthroughBehavior.value_or("WHEN_NO_MATCH");
    made.content_handling = input.contentHandling.value_or("");
    made.timeout_ms = input.timeoutInMillis.value_or(integration_timeout_ms_max);
    made.cache_namespace = input.cacheNamespace.value_or(input.resourceId);
    if (input.cacheKeyParameters) made.cache_key_parameters = *input.cacheKeyParameters;
    if (input.tlsConfig) made.tls_insecure = input.tlsConfig->insecureSkipVerification.value_or(false);
    TRY(edit_api(apis_, context.scope, input.restApiId, [&](gateway::RestApi& api) -> aws::Outcome<void> {
        TRY_ASSIGN(gateway::Method * method, method_in(api, input.resourceId, input.httpMethod));
        TRY(check_integration(*method, made));
        method->integration = made;
        return {};
    }));
    return shown<PutIntegrationOutput>(made);
}

aws::Outcome<GetIntegrationOutput> ApiGateway::get_integration(const aws::CallContext& context,
                                                               const GetIntegrationInput& input) {
    TRY_ASSIGN(const ApiPointer api, find_api(apis_, context.scope, input.restApiId));
    TRY_ASSIGN(const gateway::Integration* found, integration_in(*api, input.resourceId, input.httpMethod));
    return shown<GetIntegrationOutput>(*found);
}

aws::Outcome<UpdateIntegrationOutput> ApiGateway::update_integration(const aws::CallContext& context,
                                                                     const UpdateIntegrationInput& input) {
    gateway::Integration changed;
    TRY(edit_api(apis_, context.scope, input.restApiId, [&](gateway::RestApi& api) -> aws::Outcome<void> {
        TRY_ASSIGN(gateway::Method * method, method_in(api, input.resourceId, input.httpMethod));
        TRY_ASSIGN(gateway::Integration * found, integration_in(api, input.resourceId, input.httpMethod));
        TRY(patch_table().apply(*found, patches_of(input.patchOperations)));
        TRY(check_type(found->type));
        TRY(check_integration(*method, *found));
        changed = *found;
        return {};
    }));
    return shown<UpdateIntegrationOutput>(changed);
}

aws::Outcome<DeleteIntegrationOutput> ApiGateway::delete_integration(const aws::CallContext& context,
                                                                     const DeleteIntegrationInput& input) {
    TRY(edit_api(apis_, context.scope, input.restApiId, [&](gateway::RestApi& api) -> aws::Outcome<void> {
        TRY(integration_in(api, input.resourceId, input.httpMethod));
        api.resources.at(input.resourceId).methods.at(input.httpMethod).integration.reset();
        return {};
    }));
    return DeleteIntegrationOutput{};
}

}  // namespace millrace::service::apigateway
