// The table of API Gateway's REST APIs: one row an operation. src/aws/README.md says how rows are written.
#include "src/service/apigateway/operations.h"

#include "src/service/apigateway/api_gateway.h"

namespace millrace::service::apigateway {

using namespace aws::apigateway;  // the generated shapes

namespace {

constexpr std::string_view no_tls_policies = "the server's own TLS settings hold for every API";
constexpr std::string_view no_vpc = "there are no VPCs";
constexpr std::string_view no_cache = "there are no cache clusters: answers are not kept";
constexpr std::string_view no_canaries = "there are no canaries: a stage serves one deployment";
constexpr std::string_view no_documentation = "there are no documentation parts";
constexpr std::string_view no_stage_keys = "API keys belong to stages through usage plans";
constexpr std::string_view no_jwt = "REST APIs have authorizer functions; JWT is HTTP APIs'";
constexpr std::string_view no_own_certificates = "certificates are the server's: it is given them by tls-certificate";
constexpr std::string_view no_mutual_tls = "clients have no certificates";
constexpr std::string_view no_client_certificates = "integrations are called without client certificates";
constexpr std::string_view no_authorizer_bodies = "authorizer functions see neither bodies nor another's context";
constexpr std::string_view no_private_domains = "there are no private domain names";

}  // namespace

aws::Service operations(ApiGateway& gateway) {
    return aws::make_service(
        gateway, model(),
        {
            MILLRACE_OPERATION(CreateRestApi, worker, write, "apigateway:POST", &ApiGateway::create_rest_api)
                .refuse("securityPolicy", no_tls_policies)
                .refuse("endpointAccessMode", no_tls_policies)
                .refuse("endpointConfiguration.vpcEndpointIds", no_vpc),
            MILLRACE_OPERATION(GetRestApi, worker, read, "apigateway:GET", &ApiGateway::get_rest_api),
            MILLRACE_OPERATION(GetRestApis, worker, read, "apigateway:GET", &ApiGateway::get_rest_apis),
            MILLRACE_OPERATION(UpdateRestApi, worker, write, "apigateway:PATCH", &ApiGateway::update_rest_api),
            MILLRACE_OPERATION(DeleteRestApi, worker, write, "apigateway:DELETE", &ApiGateway::delete_rest_api),

            MILLRACE_OPERATION(CreateResource, worker, write, "apigateway:POST", &ApiGateway::create_resource),
            MILLRACE_OPERATION(GetResource, worker, read, "apigateway:GET", &ApiGateway::get_resource),
            MILLRACE_OPERATION(GetResources, worker, read, "apigateway:GET", &ApiGateway::get_resources),
            MILLRACE_OPERATION(UpdateResource, worker, write, "apigateway:PATCH", &ApiGateway::update_resource),
            MILLRACE_OPERATION(DeleteResource, worker, write, "apigateway:DELETE", &ApiGateway::delete_resource),

            MILLRACE_OPERATION(PutMethod, worker, write, "apigateway:PUT", &ApiGateway::put_method),
            MILLRACE_OPERATION(GetMethod, worker, read, "apigateway:GET", &ApiGateway::get_method),
            MILLRACE_OPERATION(UpdateMethod, worker, write, "apigateway:PATCH", &ApiGateway::update_method),
            MILLRACE_OPERATION(DeleteMethod, worker, write, "apigateway:DELETE", &ApiGateway::delete_method),

            MILLRACE_OPERATION(PutMethodResponse, worker, write, "apigateway:PUT", &ApiGateway::put_method_response),
            MILLRACE_OPERATION(GetMethodResponse, worker, read, "apigateway:GET", &ApiGateway::get_method_response),
            MILLRACE_OPERATION(UpdateMethodResponse, worker, write, "apigateway:PATCH",
                               &ApiGateway::update_method_response),
            MILLRACE_OPERATION(DeleteMethodResponse, worker, write, "apigateway:DELETE",
                               &ApiGateway::delete_method_response),

            MILLRACE_OPERATION(PutIntegration, worker, write, "apigateway:PUT", &ApiGateway::put_integration)
                .refuse("connectionId", no_vpc)
                .refuse("integrationTarget", no_vpc),
            MILLRACE_OPERATION(GetIntegration, worker, read, "apigateway:GET", &ApiGateway::get_integration),
            MILLRACE_OPERATION(UpdateIntegration, worker, write, "apigateway:PATCH", &ApiGateway::update_integration),
            MILLRACE_OPERATION(DeleteIntegration, worker, write, "apigateway:DELETE", &ApiGateway::delete_integration),

            MILLRACE_OPERATION(PutIntegrationResponse, worker, write, "apigateway:PUT",
                               &ApiGateway::put_integration_response),
            MILLRACE_OPERATION(GetIntegrationResponse, worker, read, "apigateway:GET",
                               &ApiGateway::get_integration_response),
            MILLRACE_OPERATION(UpdateIntegrationResponse, worker, write, "apigateway:PATCH",
                               &ApiGateway::update_integration_response),
            MILLRACE_OPERATION(DeleteIntegrationResponse, worker, write, "apigateway:DELETE",
                               &ApiGateway::delete_integration_response),

            MILLRACE_OPERATION(CreateModel, worker, write, "apigateway:POST", &ApiGateway::create_model),
            MILLRACE_OPERATION(GetModel, worker, read, "apigateway:GET", &ApiGateway::get_model),
            MILLRACE_OPERATION(GetModels, worker, read, "apigateway:GET", &ApiGateway::get_models),
            MILLRACE_OPERATION(UpdateModel, worker, write, "apigateway:PATCH", &ApiGateway::update_model),
            MILLRACE_OPERATION(DeleteModel, worker, write, "apigateway:DELETE", &ApiGateway::delete_model),

            MILLRACE_OPERATION(CreateRequestValidator, worker, write, "apigateway:POST",
                               &ApiGateway::create_request_validator),
            MILLRACE_OPERATION(GetRequestValidator, worker, read, "apigateway:GET", &ApiGateway::get_request_validator),
            MILLRACE_OPERATION(GetRequestValidators, worker, read, "apigateway:GET",
                               &ApiGateway::get_request_validators),
            MILLRACE_OPERATION(UpdateRequestValidator, worker, write, "apigateway:PATCH",
                               &ApiGateway::update_request_validator),
            MILLRACE_OPERATION(DeleteRequestValidator, worker, write, "apigateway:DELETE",
                               &ApiGateway::delete_request_validator),

            MILLRACE_OPERATION(CreateAuthorizer, worker, write, "apigateway:POST", &ApiGateway::create_authorizer)
                .refuse("jwtConfiguration", no_jwt),
            MILLRACE_OPERATION(GetAuthorizer, worker, read, "apigateway:GET", &ApiGateway::get_authorizer),
            MILLRACE_OPERATION(GetAuthorizers, worker, read, "apigateway:GET", &ApiGateway::get_authorizers),
            MILLRACE_OPERATION(UpdateAuthorizer, worker, write, "apigateway:PATCH", &ApiGateway::update_authorizer),
            MILLRACE_OPERATION(DeleteAuthorizer, worker, write, "apigateway:DELETE", &ApiGateway::delete_authorizer),

            MILLRACE_OPERATION(PutGatewayResponse, worker, write, "apigateway:PUT", &ApiGateway::put_gateway_response),
            MILLRACE_OPERATION(GetGatewayResponse, worker, read, "apigateway:GET", &ApiGateway::get_gateway_response),
            MILLRACE_OPERATION(GetGatewayResponses, worker, read, "apigateway:GET", &ApiGateway::get_gateway_responses),
            MILLRACE_OPERATION(UpdateGatewayResponse, worker, write, "apigateway:PATCH",
                               &ApiGateway::update_gateway_response),
            MILLRACE_OPERATION(DeleteGatewayResponse, worker, write, "apigateway:DELETE",
                               &ApiGateway::delete_gateway_response),

            MILLRACE_OPERATION(CreateDeployment, worker, write, "apigateway:POST", &ApiGateway::create_deployment)
                .refuse("canarySettings", no_canaries)
                .refuse("cacheClusterSize", no_cache),
            MILLRACE_OPERATION(GetDeployment, worker, read, "apigateway:GET", &ApiGateway::get_deployment),
            MILLRACE_OPERATION(GetDeployments, worker, read, "apigateway:GET", &ApiGateway::get_deployments),
            MILLRACE_OPERATION(UpdateDeployment, worker, write, "apigateway:PATCH", &ApiGateway::update_deployment),
            MILLRACE_OPERATION(DeleteDeployment, worker, write, "apigateway:DELETE", &ApiGateway::delete_deployment),

            MILLRACE_OPERATION(CreateStage, worker, write, "apigateway:POST", &ApiGateway::create_stage)
                .refuse("canarySettings", no_canaries)
                .refuse("cacheClusterSize", no_cache)
                .refuse("documentationVersion", no_documentation),
            MILLRACE_OPERATION(GetStage, worker, read, "apigateway:GET", &ApiGateway::get_stage),
            MILLRACE_OPERATION(GetStages, worker, read, "apigateway:GET", &ApiGateway::get_stages),
            MILLRACE_OPERATION(UpdateStage, worker, write, "apigateway:PATCH", &ApiGateway::update_stage),
            MILLRACE_OPERATION(DeleteStage, worker, write, "apigateway:DELETE", &ApiGateway::delete_stage),
            MILLRACE_OPERATION(FlushStageAuthorizersCache, worker, write, "apigateway:DELETE",
                               &ApiGateway::flush_stage_authorizers_cache),

            MILLRACE_OPERATION(CreateApiKey, worker, write, "apigateway:POST", &ApiGateway::create_api_key)
                .refuse("stageKeys[]", no_stage_keys),
            MILLRACE_OPERATION(GetApiKey, worker, read, "apigateway:GET", &ApiGateway::get_api_key),
            MILLRACE_OPERATION(GetApiKeys, worker, read, "apigateway:GET", &ApiGateway::get_api_keys),
            MILLRACE_OPERATION(UpdateApiKey, worker, write, "apigateway:PATCH", &ApiGateway::update_api_key),
            MILLRACE_OPERATION(DeleteApiKey, worker, write, "apigateway:DELETE", &ApiGateway::delete_api_key),
            MILLRACE_OPERATION(ImportApiKeys, worker, write, "apigateway:POST", &ApiGateway::import_api_keys),

            MILLRACE_OPERATION(CreateUsagePlan, worker, write, "apigateway:POST", &ApiGateway::create_usage_plan),
            MILLRACE_OPERATION(GetUsagePlan, worker, read, "apigateway:GET", &ApiGateway::get_usage_plan),
            MILLRACE_OPERATION(GetUsagePlans, worker, read, "apigateway:GET", &ApiGateway::get_usage_plans),
            MILLRACE_OPERATION(UpdateUsagePlan, worker, write, "apigateway:PATCH", &ApiGateway::update_usage_plan),
            MILLRACE_OPERATION(DeleteUsagePlan, worker, write, "apigateway:DELETE", &ApiGateway::delete_usage_plan),

            MILLRACE_OPERATION(CreateUsagePlanKey, worker, write, "apigateway:POST",
                               &ApiGateway::create_usage_plan_key),
            MILLRACE_OPERATION(GetUsagePlanKey, worker, read, "apigateway:GET", &ApiGateway::get_usage_plan_key),
            MILLRACE_OPERATION(GetUsagePlanKeys, worker, read, "apigateway:GET", &ApiGateway::get_usage_plan_keys),
            MILLRACE_OPERATION(DeleteUsagePlanKey, worker, write, "apigateway:DELETE",
                               &ApiGateway::delete_usage_plan_key),
            MILLRACE_OPERATION(GetUsage, worker, read, "apigateway:GET", &ApiGateway::get_usage),
            MILLRACE_OPERATION(UpdateUsage, worker, write, "apigateway:PATCH", &ApiGateway::update_usage),

            MILLRACE_OPERATION(CreateDomainName, worker, write, "apigateway:POST", &ApiGateway::create_domain_name)
                .refuse("certificateBody", no_own_certificates)
                .refuse("certificatePrivateKey", no_own_certificates)
                .refuse("certificateChain", no_own_certificates)
                .refuse("endpointAccessMode", no_tls_policies)
                .refuse("mutualTlsAuthentication", no_mutual_tls)
                .refuse("ownershipVerificationCertificateArn", no_mutual_tls)
                .refuse("policy", no_private_domains)
                .refuse("endpointConfiguration.vpcEndpointIds", no_vpc),
            MILLRACE_OPERATION(GetDomainName, worker, read, "apigateway:GET", &ApiGateway::get_domain_name)
                .refuse("domainNameId", no_private_domains),
            MILLRACE_OPERATION(GetDomainNames, worker, read, "apigateway:GET", &ApiGateway::get_domain_names)
                .refuse("resourceOwner", no_private_domains),
            MILLRACE_OPERATION(UpdateDomainName, worker, write, "apigateway:PATCH", &ApiGateway::update_domain_name)
                .refuse("domainNameId", no_private_domains),
            MILLRACE_OPERATION(DeleteDomainName, worker, write, "apigateway:DELETE", &ApiGateway::delete_domain_name)
                .refuse("domainNameId", no_private_domains),

            MILLRACE_OPERATION(CreateBasePathMapping, worker, write, "apigateway:POST",
                               &ApiGateway::create_base_path_mapping)
                .refuse("domainNameId", no_private_domains),
            MILLRACE_OPERATION(GetBasePathMapping, worker, read, "apigateway:GET", &ApiGateway::get_base_path_mapping)
                .refuse("domainNameId", no_private_domains),
            MILLRACE_OPERATION(GetBasePathMappings, worker, read, "apigateway:GET", &ApiGateway::get_base_path_mappings)
                .refuse("domainNameId", no_private_domains),
            MILLRACE_OPERATION(UpdateBasePathMapping, worker, write, "apigateway:PATCH",
                               &ApiGateway::update_base_path_mapping)
                .refuse("domainNameId", no_private_domains),
            MILLRACE_OPERATION(DeleteBasePathMapping, worker, write, "apigateway:DELETE",
                               &ApiGateway::delete_base_path_mapping)
                .refuse("domainNameId", no_private_domains),

            MILLRACE_OPERATION(TagResource, worker, write, "apigateway:PUT", &ApiGateway::tag_resource),
            MILLRACE_OPERATION(UntagResource, worker, write, "apigateway:DELETE", &ApiGateway::untag_resource),
            MILLRACE_OPERATION(GetTags, worker, read, "apigateway:GET", &ApiGateway::get_tags),

            MILLRACE_OPERATION(GetAccount, worker, read, "apigateway:GET", &ApiGateway::get_account),
            MILLRACE_OPERATION(UpdateAccount, worker, write, "apigateway:PATCH", &ApiGateway::update_account),

            MILLRACE_OPERATION(TestInvokeMethod, worker, write, "apigateway:POST", &ApiGateway::test_invoke_method)
                .refuse("clientCertificateId", no_client_certificates),
            MILLRACE_OPERATION(TestInvokeAuthorizer, worker, write, "apigateway:POST",
                               &ApiGateway::test_invoke_authorizer)
                .refuse("body", no_authorizer_bodies)
                .refuse("additionalContext", no_authorizer_bodies),

            MILLRACE_OPERATION(ImportRestApi, worker, write, "apigateway:POST", &ApiGateway::import_rest_api),
            MILLRACE_OPERATION(PutRestApi, worker, write, "apigateway:PUT", &ApiGateway::put_rest_api),
            MILLRACE_OPERATION(GetExport, worker, read, "apigateway:GET", &ApiGateway::get_export),
        });
}

}  // namespace millrace::service::apigateway
