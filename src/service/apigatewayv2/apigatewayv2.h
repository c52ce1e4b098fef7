// API Gateway v2's operations on HTTP APIs (operations.cc has the table), and the way in for those APIs' own requests.
#pragma once

#include "aws/apigatewayv2/shapes.h"

#include "src/aws/call.h"
#include "src/aws/endpoint.h"
#include "src/aws/failure.h"
#include "src/gateway/http_api/data_plane.h"
#include "src/gateway/http_api/http_apis.h"

namespace millrace::io {
class Clock;
}

namespace millrace::service::apigatewayv2 {

class ApiGatewayV2 {
  public:
    // All outlive it.
    ApiGatewayV2(gateway::http_api::HttpApis& apis, gateway::http_api::DataPlane& plane, const io::Clock& clock)
        : apis_(apis), plane_(plane), clock_(clock) {}

    // Requests to the APIs: by host, on the I/O thread.
    aws::HostHandler handler();

    using Context = aws::CallContext;

#define MILLRACE_HANDLER(name, X) \
    aws::Outcome<aws::apigatewayv2::X##Output> name(const Context& context, const aws::apigatewayv2::X##Input& input)
    MILLRACE_HANDLER(create_api, CreateApi);
    MILLRACE_HANDLER(get_api, GetApi);
    MILLRACE_HANDLER(get_apis, GetApis);
    MILLRACE_HANDLER(update_api, UpdateApi);
    MILLRACE_HANDLER(delete_api, DeleteApi);
    MILLRACE_HANDLER(delete_cors, DeleteCorsConfiguration);
    MILLRACE_HANDLER(import_api, ImportApi);      // import.cc
    MILLRACE_HANDLER(reimport_api, ReimportApi);  // import.cc
    MILLRACE_HANDLER(export_api, ExportApi);

    MILLRACE_HANDLER(create_route, CreateRoute);
    MILLRACE_HANDLER(get_route, GetRoute);
    MILLRACE_HANDLER(get_routes, GetRoutes);
    MILLRACE_HANDLER(update_route, UpdateRoute);
    MILLRACE_HANDLER(delete_route, DeleteRoute);

    MILLRACE_HANDLER(create_integration, CreateIntegration);
    MILLRACE_HANDLER(get_integration, GetIntegration);
    MILLRACE_HANDLER(get_integrations, GetIntegrations);
    MILLRACE_HANDLER(update_integration, UpdateIntegration);
    MILLRACE_HANDLER(delete_integration, DeleteIntegration);

    MILLRACE_HANDLER(create_authorizer, CreateAuthorizer);
    MILLRACE_HANDLER(get_authorizer, GetAuthorizer);
    MILLRACE_HANDLER(get_authorizers, GetAuthorizers);
    MILLRACE_HANDLER(update_authorizer, UpdateAuthorizer);
    MILLRACE_HANDLER(delete_authorizer, DeleteAuthorizer);
    MILLRACE_HANDLER(reset_authorizers_cache, ResetAuthorizersCache);

    MILLRACE_HANDLER(create_deployment, CreateDeployment);
    MILLRACE_HANDLER(get_deployment, GetDeployment);
    MILLRACE_HANDLER(get_deployments, GetDeployments);
    MILLRACE_HANDLER(update_deployment, UpdateDeployment);
    MILLRACE_HANDLER(delete_deployment, DeleteDeployment);

    MILLRACE_HANDLER(create_stage, CreateStage);
    MILLRACE_HANDLER(get_stage, GetStage);
    MILLRACE_HANDLER(get_stages, GetStages);
    MILLRACE_HANDLER(update_stage, UpdateStage);
    MILLRACE_HANDLER(delete_stage, DeleteStage);
    MILLRACE_HANDLER(delete_access_log_settings, DeleteAccessLogSettings);
    MILLRACE_HANDLER(delete_route_settings, DeleteRouteSettings);

    MILLRACE_HANDLER(create_domain_name, CreateDomainName);
    MILLRACE_HANDLER(get_domain_name, GetDomainName);
    MILLRACE_HANDLER(get_domain_names, GetDomainNames);
    MILLRACE_HANDLER(update_domain_name, UpdateDomainName);
    MILLRACE_HANDLER(delete_domain_name, DeleteDomainName);
    MILLRACE_HANDLER(create_api_mapping, CreateApiMapping);
    MILLRACE_HANDLER(get_api_mapping, GetApiMapping);
    MILLRACE_HANDLER(get_api_mappings, GetApiMappings);
    MILLRACE_HANDLER(update_api_mapping, UpdateApiMapping);
    MILLRACE_HANDLER(delete_api_mapping, DeleteApiMapping);

    MILLRACE_HANDLER(get_tags, GetTags);
    MILLRACE_HANDLER(tag_resource, TagResource);
    MILLRACE_HANDLER(untag_resource, UntagResource);
#undef MILLRACE_HANDLER

  private:
    gateway::http_api::HttpApis& apis_;
    gateway::http_api::DataPlane& plane_;
    const io::Clock& clock_;
};

}  // namespace millrace::service::apigatewayv2
