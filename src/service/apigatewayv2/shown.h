// The engine's definitions as the API shows them; each of a family of outputs has the same members.
#pragma once

#include "aws/apigatewayv2/shapes.h"

#include "src/gateway/http_api/definition.h"

namespace millrace::service::apigatewayv2 {

namespace engine = gateway::http_api;

// Request members onto definitions: what is absent stays.
template <class T>
void take(const T& from, T& to) {
    to = from;
}
template <class T>
void take(const std::optional<T>& from, T& to) {
    if (from) to = *from;
}

inline std::optional<std::string> if_any(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

aws::apigatewayv2::Cors shown(const engine::Cors& cors);
aws::apigatewayv2::RouteSettings shown(const engine::RouteSettings& settings);
// "http://ID.execute-api.localhost:4566", where the client reached us.
std::string endpoint_of(const std::string& api_id, const std::string& endpoint);

constexpr std::string_view route_selection = "$request.method $request.path";
constexpr std::string_view key_selection = "$request.header.x-api-key";

template <class Output>
Output show_api(const engine::HttpApi& api, const std::string& endpoint) {
    Output out;
    out.ApiEndpoint = endpoint_of(api.id, endpoint);
    out.ApiId = api.id;
    out.ApiKeySelectionExpression = std::string(key_selection);
    out.RouteSelectionExpression = std::string(route_selection);
    if (api.current.cors) out.CorsConfiguration = shown(*api.current.cors);
    out.CreatedDate = api.created;
    out.Description = if_any(api.description);
    out.DisableExecuteApiEndpoint = api.execute_endpoint_disabled;
    out.IpAddressType = "ipv4";
    out.Name = api.name;
    out.ProtocolType = "HTTP";
    out.Tags = api.tags;
    out.Version = if_any(api.version);
    return out;
}

template <class Output>
Output show_route(const engine::Route& route) {
    Output out;
    if (route.managed) out.ApiGatewayManaged = true;
    out.ApiKeyRequired = false;
    if (!route.scopes.empty()) out.AuthorizationScopes = route.scopes;
    out.AuthorizationType = route.authorization_type;
    out.AuthorizerId = if_any(route.authorizer_id);
    out.OperationName = if_any(route.operation_name);
    out.RouteId = route.id;
    out.RouteKey = route.key;
    out.Target = if_any(route.target);
    return out;
}

template <class Output>
Output show_integration(const engine::Integration& integration) {
    Output out;
    if (integration.managed) out.ApiGatewayManaged = true;
    out.ConnectionType = integration.connection_type;
    out.CredentialsArn = if_any(integration.credentials);
    out.Description = if_any(integration.description);
    out.IntegrationId = integration.id;
    out.IntegrationMethod = if_any(integration.method);
    out.IntegrationSubtype = if_any(integration.subtype);
    out.IntegrationType = integration.type;
    out.IntegrationUri = if_any(integration.uri);
    out.PayloadFormatVersion = integration.payload_version;
    if (!integration.request_parameters.empty()) out.RequestParameters = integration.request_parameters;
    if (!integration.response_parameters.empty()) out.ResponseParameters = integration.response_parameters;
    out.TimeoutInMillis = integration.timeout_ms;
    return out;
}

template <class Output>
Output show_authorizer(const engine::Authorizer& authorizer) {
    Output out;
    out.AuthorizerCredentialsArn = if_any(authorizer.credentials);
    out.AuthorizerId = authorizer.id;
    out.AuthorizerType = authorizer.type;
    out.IdentitySource = authorizer.identity_sources;
    out.Name = authorizer.name;
    if (authorizer.type == "JWT") {
        out.JwtConfiguration.emplace();
        out.JwtConfiguration->Audience = authorizer.audience;
        out.JwtConfiguration->Issuer = authorizer.issuer;
    } else {
        out.AuthorizerPayloadFormatVersion = authorizer.payload_version;
        out.AuthorizerResultTtlInSeconds = authorizer.result_ttl_s;
        out.AuthorizerUri = authorizer.uri;
        out.EnableSimpleResponses = authorizer.simple_responses;
    }
    return out;
}

template <class Output>
Output show_deployment(const engine::Deployment& deployment) {
    Output out;
    out.AutoDeployed = deployment.automatic;
    out.CreatedDate = deployment.created;
    out.DeploymentId = deployment.id;
    out.DeploymentStatus = "DEPLOYED";
    out.Description = if_any(deployment.description);
    return out;
}

template <class Output>
Output show_stage(const engine::Stage& stage) {
    Output out;
    if (!stage.access_log_destination.empty()) {
        out.AccessLogSettings.emplace();
        out.AccessLogSettings->DestinationArn = stage.access_log_destination;
        out.AccessLogSettings->Format = stage.access_log_format;
    }
    if (stage.managed) out.ApiGatewayManaged = true;
    out.AutoDeploy = stage.auto_deploy;
    out.CreatedDate = stage.created;
    out.DefaultRouteSettings = shown(stage.settings);
    out.DeploymentId = if_any(stage.deployment_id);
    out.Description = if_any(stage.description);
    if (stage.auto_deploy && !stage.deployment_id.empty()) {
        out.LastDeploymentStatusMessage =
            "Successfully deployed stage with deployment ID '" + stage.deployment_id + "'";
    }
    out.LastUpdatedDate = stage.updated;
    out.RouteSettings.emplace();
    for (const auto& [key, settings] : stage.route_settings) (*out.RouteSettings)[key] = shown(settings);
    out.StageName = stage.name;
    out.StageVariables = stage.variables;
    out.Tags = stage.tags;
    return out;
}

template <class Output>
Output show_domain(const engine::DomainName& domain) {
    Output out;
    out.ApiMappingSelectionExpression = "$request.basepath";
    if constexpr (requires { out.DomainName_; }) {  // a member may not be named as its struct
        out.DomainName_ = domain.name;
    } else {
        out.DomainName = domain.name;
    }
    out.DomainNameArn = "arn:aws:apigateway:" + domain.scope.region + "::/domainnames/" + domain.name;
    aws::apigatewayv2::DomainNameConfiguration configuration;
    configuration.ApiGatewayDomainName = domain.name;  // its own host is the way in: there is no other to point to
    configuration.CertificateArn = if_any(domain.certificate_arn);
    configuration.CertificateName = if_any(domain.certificate_name);
    configuration.DomainNameStatus = "AVAILABLE";
    configuration.EndpointType = domain.endpoint_type;
    configuration.IpAddressType = "ipv4";
    configuration.SecurityPolicy = domain.security_policy;
    out.DomainNameConfigurations = {std::move(configuration)};
    out.RoutingMode = "API_MAPPING_ONLY";
    out.Tags = domain.tags;
    return out;
}

template <class Output>
Output show_mapping(const engine::ApiMapping& mapping) {
    Output out;
    out.ApiId = mapping.api_id;
    out.ApiMappingId = mapping.id;
    out.ApiMappingKey = mapping.key;
    out.Stage = mapping.stage;
    return out;
}

}  // namespace millrace::service::apigatewayv2
