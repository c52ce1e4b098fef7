// The table of API Gateway v2: one row an operation. src/aws/README.md says how rows are written.
#include "src/service/apigatewayv2/operations.h"

#include "src/service/apigatewayv2/apigatewayv2.h"

namespace millrace::service::apigatewayv2 {

using namespace aws::apigatewayv2;  // the generated shapes

namespace {

constexpr std::string_view websocket = "it is of WebSocket APIs, which are not served";
constexpr std::string_view no_links = "there is no VPC that could be linked to";
constexpr std::string_view no_mutual_tls = "clients are not asked for certificates";
constexpr std::string_view no_client_certificates = "integrations are called without client certificates";
constexpr std::string_view no_tls_names = "an integration's certificate is checked for the host of its URI";

}  // namespace

aws::Service operations(ApiGatewayV2& apis) {
    return aws::make_service(
        apis, model(),
        {
            MILLRACE_OPERATION(CreateApi, worker, write, "apigateway:POST", &ApiGatewayV2::create_api),
            MILLRACE_OPERATION(GetApi, worker, read, "apigateway:GET", &ApiGatewayV2::get_api),
            MILLRACE_OPERATION(GetApis, worker, read, "apigateway:GET", &ApiGatewayV2::get_apis),
            MILLRACE_OPERATION(UpdateApi, worker, write, "apigateway:PATCH", &ApiGatewayV2::update_api),
            MILLRACE_OPERATION(DeleteApi, worker, write, "apigateway:DELETE", &ApiGatewayV2::delete_api),
            MILLRACE_OPERATION(DeleteCorsConfiguration, worker, write, "apigateway:DELETE", &ApiGatewayV2::delete_cors),
            MILLRACE_OPERATION(ImportApi, worker, write, "apigateway:PUT", &ApiGatewayV2::import_api),
            MILLRACE_OPERATION(ReimportApi, worker, write, "apigateway:PUT", &ApiGatewayV2::reimport_api),
            MILLRACE_OPERATION(ExportApi, worker, read, "apigateway:GET", &ApiGatewayV2::export_api),

            MILLRACE_OPERATION(CreateRoute, worker, write, "apigateway:POST", &ApiGatewayV2::create_route)
                .refuse("ModelSelectionExpression", websocket)
                .refuse("RequestModels", websocket)
                .refuse("RequestParameters", websocket)
                .refuse("RouteResponseSelectionExpression", websocket),
            MILLRACE_OPERATION(GetRoute, worker, read, "apigateway:GET", &ApiGatewayV2::get_route),
            MILLRACE_OPERATION(GetRoutes, worker, read, "apigateway:GET", &ApiGatewayV2::get_routes),
            MILLRACE_OPERATION(UpdateRoute, worker, write, "apigateway:PATCH", &ApiGatewayV2::update_route)
                .refuse("ModelSelectionExpression", websocket)
                .refuse("RequestModels", websocket)
                .refuse("RequestParameters", websocket)
                .refuse("RouteResponseSelectionExpression", websocket),
            MILLRACE_OPERATION(DeleteRoute, worker, write, "apigateway:DELETE", &ApiGatewayV2::delete_route),

            MILLRACE_OPERATION(CreateIntegration, worker, write, "apigateway:POST", &ApiGatewayV2::create_integration)
                .refuse("ConnectionId", no_links)
                .refuse("ContentHandlingStrategy", websocket)
                .refuse("PassthroughBehavior", websocket)
                .refuse("RequestTemplates", websocket)
                .refuse("TemplateSelectionExpression", websocket)
                .refuse("TlsConfig", no_tls_names),
            MILLRACE_OPERATION(GetIntegration, worker, read, "apigateway:GET", &ApiGatewayV2::get_integration),
            MILLRACE_OPERATION(GetIntegrations, worker, read, "apigateway:GET", &ApiGatewayV2::get_integrations),
            MILLRACE_OPERATION(UpdateIntegration, worker, write, "apigateway:PATCH", &ApiGatewayV2::update_integration)
                .refuse("ConnectionId", no_links)
                .refuse("ContentHandlingStrategy", websocket)
                .refuse("PassthroughBehavior", websocket)
                .refuse("RequestTemplates", websocket)
                .refuse("TemplateSelectionExpression", websocket)
                .refuse("TlsConfig", no_tls_names),
            MILLRACE_OPERATION(DeleteIntegration, worker, write, "apigateway:DELETE",
                               &ApiGatewayV2::delete_integration),

            MILLRACE_OPERATION(CreateAuthorizer, worker, write, "apigateway:POST", &ApiGatewayV2::create_authorizer)
                .refuse("IdentityValidationExpression", websocket),
            MILLRACE_OPERATION(GetAuthorizer, worker, read, "apigateway:GET", &ApiGatewayV2::get_authorizer),
            MILLRACE_OPERATION(GetAuthorizers, worker, read, "apigateway:GET", &ApiGatewayV2::get_authorizers),
            MILLRACE_OPERATION(UpdateAuthorizer, worker, write, "apigateway:PATCH", &ApiGatewayV2::update_authorizer)
                .refuse("IdentityValidationExpression", websocket),
            MILLRACE_OPERATION(DeleteAuthorizer, worker, write, "apigateway:DELETE", &ApiGatewayV2::delete_authorizer),
            MILLRACE_OPERATION(ResetAuthorizersCache, worker, write, "apigateway:DELETE",
                               &ApiGatewayV2::reset_authorizers_cache),

            MILLRACE_OPERATION(CreateDeployment, worker, write, "apigateway:POST", &ApiGatewayV2::create_deployment),
            MILLRACE_OPERATION(GetDeployment, worker, read, "apigateway:GET", &ApiGatewayV2::get_deployment),
            MILLRACE_OPERATION(GetDeployments, worker, read, "apigateway:GET", &ApiGatewayV2::get_deployments),
            MILLRACE_OPERATION(UpdateDeployment, worker, write, "apigateway:PATCH", &ApiGatewayV2::update_deployment),
            MILLRACE_OPERATION(DeleteDeployment, worker, write, "apigateway:DELETE", &ApiGatewayV2::delete_deployment),

            MILLRACE_OPERATION(CreateStage, worker, write, "apigateway:POST", &ApiGatewayV2::create_stage)
                .refuse("ClientCertificateId", no_client_certificates),
            MILLRACE_OPERATION(GetStage, worker, read, "apigateway:GET", &ApiGatewayV2::get_stage),
            MILLRACE_OPERATION(GetStages, worker, read, "apigateway:GET", &ApiGatewayV2::get_stages),
            MILLRACE_OPERATION(UpdateStage, worker, write, "apigateway:PATCH", &ApiGatewayV2::update_stage)
                .refuse("ClientCertificateId", no_client_certificates),
            MILLRACE_OPERATION(DeleteStage, worker, write, "apigateway:DELETE", &ApiGatewayV2::delete_stage),
            MILLRACE_OPERATION(DeleteAccessLogSettings, worker, write, "apigateway:DELETE",
                               &ApiGatewayV2::delete_access_log_settings),
            MILLRACE_OPERATION(DeleteRouteSettings, worker, write, "apigateway:DELETE",
                               &ApiGatewayV2::delete_route_settings),

            MILLRACE_OPERATION(CreateDomainName, worker, write, "apigateway:POST", &ApiGatewayV2::create_domain_name)
                .refuse("MutualTlsAuthentication", no_mutual_tls),
            MILLRACE_OPERATION(GetDomainName, worker, read, "apigateway:GET", &ApiGatewayV2::get_domain_name),
            MILLRACE_OPERATION(GetDomainNames, worker, read, "apigateway:GET", &ApiGatewayV2::get_domain_names),
            MILLRACE_OPERATION(UpdateDomainName, worker, write, "apigateway:PATCH", &ApiGatewayV2::update_domain_name)
                .refuse("MutualTlsAuthentication", no_mutual_tls),
            MILLRACE_OPERATION(DeleteDomainName, worker, write, "apigateway:DELETE", &ApiGatewayV2::delete_domain_name),
            MILLRACE_OPERATION(CreateApiMapping, worker, write, "apigateway:POST", &ApiGatewayV2::create_api_mapping),
            MILLRACE_OPERATION(GetApiMapping, worker, read, "apigateway:GET", &ApiGatewayV2::get_api_mapping),
            MILLRACE_OPERATION(GetApiMappings, worker, read, "apigateway:GET", &ApiGatewayV2::get_api_mappings),
            MILLRACE_OPERATION(UpdateApiMapping, worker, write, "apigateway:PATCH", &ApiGatewayV2::update_api_mapping),
            MILLRACE_OPERATION(DeleteApiMapping, worker, write, "apigateway:DELETE", &ApiGatewayV2::delete_api_mapping),

            MILLRACE_OPERATION(GetTags, worker, read, "apigateway:GET", &ApiGatewayV2::get_tags),
            MILLRACE_OPERATION(TagResource, worker, write, "apigateway:POST", &ApiGatewayV2::tag_resource),
            MILLRACE_OPERATION(UntagResource, worker, write, "apigateway:DELETE", &ApiGatewayV2::untag_resource),
        });
}

}  // namespace millrace::service::apigatewayv2
