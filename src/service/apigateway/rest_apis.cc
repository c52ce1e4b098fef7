#include <algorithm>

#include "src/gateway/access/access.h"
#include "src/service/apigateway/api_gateway.h"
#include "src/service/apigateway/check.h"
#include "src/service/apigateway/edit.h"
#include "src/service/apigateway/page.h"
#include "src/service/apigateway/shown.h"

namespace millrace::service::apigateway {

using namespace aws::apigateway;

namespace {

aws::Outcome<void> take_compression(const Patch& patch, std::optional<int32_t>& to) {
    if (patch.removes() || patch.text().empty()) {
        to.reset();
        return {};
    }
    const auto number = parse_integer(patch, 0, compression_bytes_max);
    if (!number.ok()) return bad_request("Invalid minimum compression size, must be between 0 and 10485760");
    to = number.value();
    return {};
}

aws::Outcome<void> take_endpoint_type(gateway::RestApi& api, const Patch& patch) {
    TRY(check_endpoint_types({patch.text()}));
    api.endpoint_types = {patch.text()};
    return {};
}

const PatchTable<gateway::RestApi>& patch_table() {
    using gateway::RestApi;
    static const PatchTable<RestApi> table(
        PatchErrors::short_ones,
        {
            {{"/name", "replace"}, patch_text(&RestApi::name)},
            {{"/description", "replace"}, patch_text(&RestApi::description)},
            {{"/version", "replace"}, patch_text(&RestApi::version)},
            {{"/apiKeySource", "replace"}, patch_text(&RestApi::key_source)},
            {{"/disableExecuteApiEndpoint", "replace"}, patch_flag(&RestApi::execute_endpoint_disabled)},
            {{"/policy", "replace remove"}, patch_text(&RestApi::policy)},
            {{"/minimumCompressionSize", "replace"},
             [](RestApi& api, const Patch& patch) { return take_compression(patch, api.minimum_compression_bytes); }},
            {{"/binaryMediaTypes/{}", "add replace remove"},
             patch_item(&RestApi::binary_media_types, [](const Patch& patch) { return patch.parts.back(); })},
            {{"/endpointConfiguration/types/{}", "replace"}, take_endpoint_type},
            {{"/endpointConfiguration/ipAddressType", "replace"},
             patch_fixed<RestApi>("endpointConfiguration.ipAddressType", "ipv4", "the server's address is its own")},
            {{"/endpointConfiguration/vpcEndpointIds", "add remove"},
             patch_refused<RestApi>("endpointConfiguration.vpcEndpointIds", "there are no VPCs")},
            {{"/securityPolicy", "replace"},
             patch_refused<RestApi>("securityPolicy", "the server's own TLS settings hold for every API")},
        });
    return table;
}

const std::string& id_of(const ApiPointer& api) {
    return api->id;
}

}  // namespace

aws::Outcome<void> check_api(const gateway::RestApi& api) {
    if (api.name.empty()) return bad_request("Name cannot be empty");
    if (api.key_source != "HEADER" && api.key_source != "AUTHORIZER") {
        return bad_request("Invalid API key source specified. Valid options are HEADER,AUTHORIZER");
    }
    if (api.policy.empty()) return {};
    if (api.policy.size() > policy_bytes_max) return bad_request("Invalid policy document. It is over 8192 bytes.");
    if (Status status = gateway::check_resource_policy(api.policy); !status.ok()) {
        return bad_request(
            "Invalid policy document. Please check the policy syntax and ensure that Principals are "
            "valid. " +
            status.error().message);
    }
    return {};
}

aws::Outcome<void> check_endpoint_types(const std::vector<std::string>& types) {
    if (types.empty()) {
        return bad_request("REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.");
    }
    if (types.size() > 1) return bad_request("Cannot create an api with multiple Endpoint Types.");
    if (types[0] == "PRIVATE") return not_honoured("endpointConfiguration.types", "there are no VPCs: PRIVATE");
    if (types[0] != "REGIONAL" && types[0] != "EDGE") {
        return bad_request("Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE");
    }
    return {};
}

aws::Outcome<CreateRestApiOutput> ApiGateway::create_rest_api(const aws::CallContext& context,
                                                              const CreateRestApiInput& input) {
    gateway::RestApi api;
    if (input.cloneFrom) {
        TRY_ASSIGN(const ApiPointer source, find_api(apis_, context.scope, *input.cloneFrom));
        api = *source;
        api.tags.clear();
    }
    api.scope = context.scope;
    api.name = input.name;
    if (input.description && input.description->empty()) return bad_request("Description cannot be an empty string");
    if (input.description) api.description = *input.description;
    if (input.version) api.version = *input.version;
    if (input.binaryMediaTypes) api.binary_media_types = *input.binaryMediaTypes;
    if (input.minimumCompressionSize) {
        if (*input.minimumCompressionSize < 0 || *input.minimumCompressionSize > compression_bytes_max) {
            return bad_request("Invalid minimum compression size, must be between 0 and 10485760");
        }
        api.minimum_compression_bytes = *input.minimumCompressionSize;
    }
    if (input.apiKeySource) api.key_source = *input.apiKeySource;
    if (input.endpointConfiguration) {
        if (input.endpointConfiguration->types) {
            TRY(check_endpoint_types(*input.endpointConfiguration->types));
            api.endpoint_types = *input.endpointConfiguration->types;
        }
        if (input.endpointConfiguration->ipAddressType.value_or("ipv4") != "ipv4") {
            return not_honoured("endpointConfiguration.ipAddressType", "the server's address is its own");
        }
    }
    if (input.policy) api.policy = *input.policy;
    if (input.tags) api.tags = *input.tags;
    if (input.disableExecuteApiEndpoint) api.execute_endpoint_disabled = *input.disableExecuteApiEndpoint;
    TRY(check_api(api));
    TRY(check_tags(api.tags));
    TRY_ASSIGN(const ApiPointer made, outcome_of(apis_.create(std::move(api))));
    return shown<CreateRestApiOutput>(*made);
}

aws::Outcome<GetRestApiOutput> ApiGateway::get_rest_api(const aws::CallContext& context, const GetRestApiInput& input) {
    TRY_ASSIGN(const ApiPointer api, find_api(apis_, context.scope, input.restApiId));
    return shown<GetRestApiOutput>(*api);
}

aws::Outcome<GetRestApisOutput> ApiGateway::get_rest_apis(const aws::CallContext& context,
                                                          const GetRestApisInput& input) {
    return page_of<GetRestApisOutput>(input, apis_.list(context.scope), id_of,
                                      [](const ApiPointer& api) { return shown<RestApi>(*api); });
}

aws::Outcome<UpdateRestApiOutput> ApiGateway::update_rest_api(const aws::CallContext& context,
                                                              const UpdateRestApiInput& input) {
    TRY_ASSIGN(const ApiPointer api,
               edit_api(apis_, context.scope, input.restApiId, [&](gateway::RestApi& it) -> aws::Outcome<void> {
                   TRY(patch_table().apply(it, patches_of(input.patchOperations)));
                   return check_api(it);
               }));
    return shown<UpdateRestApiOutput>(*api);
}

aws::Outcome<DeleteRestApiOutput> ApiGateway::delete_rest_api(const aws::CallContext& context,
                                                              const DeleteRestApiInput& input) {
    TRY(find_api(apis_, context.scope, input.restApiId));
    // As AWS: what still leads here has to go first.
    for (const auto& domain : apis_.domains(context.scope)) {
        const bool leads_here = std::ranges::any_of(
            domain->base_paths, [&](const auto& path) { return path.second.api_id == input.restApiId; });
        if (leads_here) {
            return bad_request(
                "Please remove all base path mappings related to the API in your domains before "
                "deleting it.");
        }
    }
    TRY(outcome_of(apis_.remove(context.scope, input.restApiId)));
    return DeleteRestApiOutput{};
}

}  // namespace millrace::service::apigateway
