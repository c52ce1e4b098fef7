// API Gateway's control plane of REST APIs: the object behind the operations. Handlers run on the executor and may
// block; any thread.
#pragma once

#include "aws/apigateway/shapes.h"

#include "src/aws/call.h"
#include "src/aws/failure.h"
#include "src/gateway/rest_apis.h"
#include "src/service/apigateway/patch.h"

namespace millrace::catalog {
class Registry;
}
namespace millrace::gateway {
class Access;
class DataPlane;
}  // namespace millrace::gateway

namespace millrace::service::apigateway {

struct ApiGatewayParts {  // all of them outlive it
    gateway::RestApis& apis;
    gateway::Access& access;
    gateway::DataPlane& plane;
    catalog::Registry& registry;  // the account's settings
};

class ApiGateway {
  public:
    explicit ApiGateway(ApiGatewayParts parts) : parts_(parts), apis_(parts.apis) {}

#define MILLRACE_API_GATEWAY_HANDLER(NAME, FUNCTION)                                      \
    aws::Outcome<aws::apigateway::NAME##Output> FUNCTION(const aws::CallContext& context, \
                                                         const aws::apigateway::NAME##Input& input)

    // rest_apis.cc
    MILLRACE_API_GATEWAY_HANDLER(CreateRestApi, create_rest_api);
    MILLRACE_API_GATEWAY_HANDLER(GetRestApi, get_rest_api);
    MILLRACE_API_GATEWAY_HANDLER(GetRestApis, get_rest_apis);
    MILLRACE_API_GATEWAY_HANDLER(UpdateRestApi, update_rest_api);
    MILLRACE_API_GATEWAY_HANDLER(DeleteRestApi, delete_rest_api);

    // resources.cc
    MILLRACE_API_GATEWAY_HANDLER(CreateResource, create_resource);
    MILLRACE_API_GATEWAY_HANDLER(GetResource, get_resource);
    MILLRACE_API_GATEWAY_HANDLER(GetResources, get_resources);
    MILLRACE_API_GATEWAY_HANDLER(UpdateResource, update_resource);
    MILLRACE_API_GATEWAY_HANDLER(DeleteResource, delete_resource);

    // methods.cc
    MILLRACE_API_GATEWAY_HANDLER(PutMethod, put_method);
    MILLRACE_API_GATEWAY_HANDLER(GetMethod, get_method);
    MILLRACE_API_GATEWAY_HANDLER(UpdateMethod, update_method);
    MILLRACE_API_GATEWAY_HANDLER(DeleteMethod, delete_method);

    // method_responses.cc
    MILLRACE_API_GATEWAY_HANDLER(PutMethodResponse, put_method_response);
    MILLRACE_API_GATEWAY_HANDLER(GetMethodResponse, get_method_response);
    MILLRACE_API_GATEWAY_HANDLER(UpdateMethodResponse, update_method_response);
    MILLRACE_API_GATEWAY_HANDLER(DeleteMethodResponse, delete_method_response);

    // integrations.cc
    MILLRACE_API_GATEWAY_HANDLER(PutIntegration, put_integration);
    MILLRACE_API_GATEWAY_HANDLER(GetIntegration, get_integration);
    MILLRACE_API_GATEWAY_HANDLER(UpdateIntegration, update_integration);
    MILLRACE_API_GATEWAY_HANDLER(DeleteIntegration, delete_integration);

    // integration_responses.cc
    MILLRACE_API_GATEWAY_HANDLER(PutIntegrationResponse, put_integration_response);
    MILLRACE_API_GATEWAY_HANDLER(GetIntegrationResponse, get_integration_response);
    MILLRACE_API_GATEWAY_HANDLER(UpdateIntegrationResponse, update_integration_response);
    MILLRACE_API_GATEWAY_HANDLER(DeleteIntegrationResponse, delete_integration_response);

    // models.cc
    MILLRACE_API_GATEWAY_HANDLER(CreateModel, create_model);
    MILLRACE_API_GATEWAY_HANDLER(GetModel, get_model);
    MILLRACE_API_GATEWAY_HANDLER(GetModels, get_models);
    MILLRACE_API_GATEWAY_HANDLER(UpdateModel, update_model);
    MILLRACE_API_GATEWAY_HANDLER(DeleteModel, delete_model);

    // validators.cc
    MILLRACE_API_GATEWAY_HANDLER(CreateRequestValidator, create_request_validator);
    MILLRACE_API_GATEWAY_HANDLER(GetRequestValidator, get_request_validator);
    MILLRACE_API_GATEWAY_HANDLER(GetRequestValidators, get_request_validators);
    MILLRACE_API_GATEWAY_HANDLER(UpdateRequestValidator, update_request_validator);
    MILLRACE_API_GATEWAY_HANDLER(DeleteRequestValidator, delete_request_validator);

    // authorizers.cc
    MILLRACE_API_GATEWAY_HANDLER(CreateAuthorizer, create_authorizer);
    MILLRACE_API_GATEWAY_HANDLER(GetAuthorizer, get_authorizer);
    MILLRACE_API_GATEWAY_HANDLER(GetAuthorizers, get_authorizers);
    MILLRACE_API_GATEWAY_HANDLER(UpdateAuthorizer, update_authorizer);
    MILLRACE_API_GATEWAY_HANDLER(DeleteAuthorizer, delete_authorizer);

    // gateway_responses.cc
    MILLRACE_API_GATEWAY_HANDLER(PutGatewayResponse, put_gateway_response);
    MILLRACE_API_GATEWAY_HANDLER(GetGatewayResponse, get_gateway_response);
    MILLRACE_API_GATEWAY_HANDLER(GetGatewayResponses, get_gateway_responses);
    MILLRACE_API_GATEWAY_HANDLER(UpdateGatewayResponse, update_gateway_response);
    MILLRACE_API_GATEWAY_HANDLER(DeleteGatewayResponse, delete_gateway_response);

    // deployments.cc
    MILLRACE_API_GATEWAY_HANDLER(CreateDeployment, create_deployment);
    MILLRACE_API_GATEWAY_HANDLER(GetDeployment, get_deployment);
    MILLRACE_API_GATEWAY_HANDLER(GetDeployments, get_deployments);
    MILLRACE_API_GATEWAY_HANDLER(UpdateDeployment, update_deployment);
    MILLRACE_API_GATEWAY_HANDLER(DeleteDeployment, delete_deployment);

    // stages.cc
    MILLRACE_API_GATEWAY_HANDLER(CreateStage, create_stage);
    MILLRACE_API_GATEWAY_HANDLER(GetStage, get_stage);
    MILLRACE_API_GATEWAY_HANDLER(GetStages, get_stages);
    MILLRACE_API_GATEWAY_HANDLER(UpdateStage, update_stage);
    MILLRACE_API_GATEWAY_HANDLER(DeleteStage, delete_stage);
    MILLRACE_API_GATEWAY_HANDLER(FlushStageAuthorizersCache, flush_stage_authorizers_cache);

    // keys.cc
    MILLRACE_API_GATEWAY_HANDLER(CreateApiKey, create_api_key);
    MILLRACE_API_GATEWAY_HANDLER(GetApiKey, get_api_key);
    MILLRACE_API_GATEWAY_HANDLER(GetApiKeys, get_api_keys);
    MILLRACE_API_GATEWAY_HANDLER(UpdateApiKey, update_api_key);
    MILLRACE_API_GATEWAY_HANDLER(DeleteApiKey, delete_api_key);
    MILLRACE_API_GATEWAY_HANDLER(ImportApiKeys, import_api_keys);

    // plans.cc
    MILLRACE_API_GATEWAY_HANDLER(CreateUsagePlan, create_usage_plan);
    MILLRACE_API_GATEWAY_HANDLER(GetUsagePlan, get_usage_plan);
    MILLRACE_API_GATEWAY_HANDLER(GetUsagePlans, get_usage_plans);
    MILLRACE_API_GATEWAY_HANDLER(UpdateUsagePlan, update_usage_plan);
    MILLRACE_API_GATEWAY_HANDLER(DeleteUsagePlan, delete_usage_plan);

    // plan_keys.cc
    MILLRACE_API_GATEWAY_HANDLER(CreateUsagePlanKey, create_usage_plan_key);
    MILLRACE_API_GATEWAY_HANDLER(GetUsagePlanKey, get_usage_plan_key);
    MILLRACE_API_GATEWAY_HANDLER(GetUsagePlanKeys, get_usage_plan_keys);
    MILLRACE_API_GATEWAY_HANDLER(DeleteUsagePlanKey, delete_usage_plan_key);
    MILLRACE_API_GATEWAY_HANDLER(GetUsage, get_usage);
    MILLRACE_API_GATEWAY_HANDLER(UpdateUsage, update_usage);

    // domains.cc
    MILLRACE_API_GATEWAY_HANDLER(CreateDomainName, create_domain_name);
    MILLRACE_API_GATEWAY_HANDLER(GetDomainName, get_domain_name);
    MILLRACE_API_GATEWAY_HANDLER(GetDomainNames, get_domain_names);
    MILLRACE_API_GATEWAY_HANDLER(UpdateDomainName, update_domain_name);
    MILLRACE_API_GATEWAY_HANDLER(DeleteDomainName, delete_domain_name);

    // base_paths.cc
    MILLRACE_API_GATEWAY_HANDLER(CreateBasePathMapping, create_base_path_mapping);
    MILLRACE_API_GATEWAY_HANDLER(GetBasePathMapping, get_base_path_mapping);
    MILLRACE_API_GATEWAY_HANDLER(GetBasePathMappings, get_base_path_mappings);
    MILLRACE_API_GATEWAY_HANDLER(UpdateBasePathMapping, update_base_path_mapping);
    MILLRACE_API_GATEWAY_HANDLER(DeleteBasePathMapping, delete_base_path_mapping);

    // tags.cc
    MILLRACE_API_GATEWAY_HANDLER(TagResource, tag_resource);
    MILLRACE_API_GATEWAY_HANDLER(UntagResource, untag_resource);
    MILLRACE_API_GATEWAY_HANDLER(GetTags, get_tags);

    // account.cc
    MILLRACE_API_GATEWAY_HANDLER(GetAccount, get_account);
    MILLRACE_API_GATEWAY_HANDLER(UpdateAccount, update_account);

    // test_invoke.cc
    MILLRACE_API_GATEWAY_HANDLER(TestInvokeMethod, test_invoke_method);
    MILLRACE_API_GATEWAY_HANDLER(TestInvokeAuthorizer, test_invoke_authorizer);

    // open_api.cc
    MILLRACE_API_GATEWAY_HANDLER(ImportRestApi, import_rest_api);
    MILLRACE_API_GATEWAY_HANDLER(PutRestApi, put_rest_api);
    MILLRACE_API_GATEWAY_HANDLER(GetExport, get_export);

#undef MILLRACE_API_GATEWAY_HANDLER

  private:
    aws::Outcome<void> put_stage(const aws::CallContext& context, const aws::apigateway::CreateDeploymentInput& input,
                                 const std::string& deployment);
    aws::Outcome<void> check_api_stage(const Scope& scope, const std::string& plan, const std::string& api,
                                       const std::string& stage);
    // The tags of what an ARN names; `change` null: only read. tags.cc
    using TagChange = std::function<aws::Outcome<void>(gateway::TextMap&)>;
    aws::Outcome<gateway::TextMap> tags_of(const aws::CallContext& context, const std::string& arn,
                                           const TagChange& change);

    const ApiGatewayParts parts_;
    gateway::RestApis& apis_;
};

}  // namespace millrace::service::apigateway
