#include "src/base/result.h"
#include "src/io/clock.h"
#include "src/service/apigatewayv2/apigatewayv2.h"
#include "src/service/apigatewayv2/checks.h"
#include "src/service/apigatewayv2/errors.h"
#include "src/service/apigatewayv2/page.h"
#include "src/service/apigatewayv2/shown.h"

namespace millrace::service::apigatewayv2 {

using namespace aws::apigatewayv2;

namespace {

engine::Cors cors_of(const Cors& given) {
    engine::Cors cors;
    take(given.AllowCredentials, cors.allow_credentials);
    take(given.AllowHeaders, cors.allow_headers);
    take(given.AllowMethods, cors.allow_methods);
    take(given.AllowOrigins, cors.allow_origins);
    take(given.ExposeHeaders, cors.expose_headers);
    take(given.MaxAge, cors.max_age_s);
    return cors;
}

// What HTTP APIs have in one way only; clients send these as they are.
template <class Input>
Status check_fixed(const Input& input) {
    if (input.ApiKeySelectionExpression && *input.ApiKeySelectionExpression != key_selection) {
        return bad_request("ApiKeySelectionExpression is of WebSocket APIs, which Millrace does not serve");
    }
    if (input.RouteSelectionExpression && *input.RouteSelectionExpression != route_selection) {
        return bad_request("RouteSelectionExpression of HTTP APIs is $request.method $request.path");
    }
    if (input.DisableSchemaValidation.value_or(false)) {
        return bad_request("DisableSchemaValidation is of WebSocket APIs, which Millrace does not serve");
    }
    if (input.IpAddressType && *input.IpAddressType != "ipv4") {
        return bad_request("Millrace does not honour IpAddressType " + *input.IpAddressType +
                           ": the server's own address is the API's");
    }
    return {};
}

template <class Input>
Status take_settings(const Input& input, engine::HttpApi& api) {
    TRY(check_fixed(input));
    take(input.Name, api.name);
    take(input.Description, api.description);
    take(input.Version, api.version);
    take(input.DisableExecuteApiEndpoint, api.execute_endpoint_disabled);
    if (api.name.empty() || api.name.size() > 128) return bad_request("Name has 1 to 128 characters");
    if (input.CorsConfiguration) {
        api.current.cors = cors_of(*input.CorsConfiguration);
        TRY(check_cors(*api.current.cors));
    }
    return {};
}

// Quick create: a route to a function or URL, and a stage that deploys by itself.
Status quick_create(const CreateApiInput& input, engine::HttpApi& api, TimestampMs now) {
    engine::Integration integration;
    integration.id = engine::new_id();
    integration.managed = true;
    integration.uri = *input.Target;
    take(input.CredentialsArn, integration.credentials);
    if (integration.uri.starts_with("arn:")) {
        integration.type = "AWS_PROXY";
        integration.method = "POST";
        integration.payload_version = "2.0";
    } else {
        integration.type = "HTTP_PROXY";
        integration.method = "ANY";
    }
    TRY(check_integration(integration));
    engine::Route route;
    route.id = engine::new_id();
    route.managed = true;
    route.key = input.RouteKey.value_or("$default");
    route.target = "integrations/" + integration.id;
    api.current.integrations[integration.id] = integration;
    TRY(check_route(route, api));
    api.current.routes[route.id] = route;
    engine::Stage stage;
    stage.name = "$default";
    stage.auto_deploy = true;
    stage.managed = true;
    stage.created = stage.updated = now;
    TRY_ASSIGN(stage.deployment_id, engine::add_deployment(api, "", true, now));
    api.stages[stage.name] = stage;
    return {};
}

Status make_api(const CreateApiInput& input, engine::HttpApi& api, TimestampMs now) {
    if (input.ProtocolType != "HTTP") {
        return bad_request("Millrace does not serve WebSocket APIs: ProtocolType has to be HTTP");
    }
    TRY(take_settings(input, api));
    take(input.Tags, api.tags);
    TRY(check_tags(api.tags));
    if (input.Target) return quick_create(input, api, now);
    if (input.RouteKey || input.CredentialsArn) {
        return bad_request("RouteKey and CredentialsArn go with a Target, for quick create");
    }
    return {};
}

Status change_quick(const UpdateApiInput& input, engine::HttpApi& api) {
    if (!input.Target && !input.RouteKey && !input.CredentialsArn) return {};
    for (auto& [id, integration] : api.current.integrations) {
        if (!integration.managed) continue;
        take(input.Target, integration.uri);
        take(input.CredentialsArn, integration.credentials);
        TRY(check_integration(integration));
        for (auto& [route_id, route] : api.current.routes) {
            if (!route.managed) continue;
            take(input.RouteKey, route.key);
            TRY(check_route(route, api));
        }
        return {};
    }
    return bad_request("Target, RouteKey and CredentialsArn are of APIs that were made by quick create");
}

}  // namespace

aws::Outcome<CreateApiOutput> ApiGatewayV2::create_api(const Context& context, const CreateApiInput& input) {
    engine::HttpApi api;
    api.scope = context.scope;
    if (const Status made = make_api(input, api, clock_.now()); !made.ok()) return failure_of(made.error());
    const auto created = apis_.create(std::move(api));
    if (!created.ok()) return failure_of(created.error());
    return show_api<CreateApiOutput>(**created, context.endpoint);
}

aws::Outcome<GetApiOutput> ApiGatewayV2::get_api(const Context& context, const GetApiInput& input) {
    const auto api = apis_.find(context.scope, input.ApiId);
    if (!api.ok()) return failure_of(api.error());
    return show_api<GetApiOutput>(**api, context.endpoint);
}

aws::Outcome<GetApisOutput> ApiGatewayV2::get_apis(const Context& context, const GetApisInput& input) {
    std::map<std::string, engine::HttpApis::Api> all;
    for (engine::HttpApis::Api& api : apis_.list(context.scope)) all[api->id] = std::move(api);
    GetApisOutput out;
    const Status filled = fill_page(
        input, all, out, [&](const engine::HttpApis::Api& api) { return show_api<Api>(*api, context.endpoint); });
    if (!filled.ok()) return failure_of(filled.error());
    return out;
}

aws::Outcome<UpdateApiOutput> ApiGatewayV2::update_api(const Context& context, const UpdateApiInput& input) {
    const auto changed = apis_.edit(context.scope, input.ApiId, [&](engine::HttpApi& api) -> Status {
        TRY(take_settings(input, api));
        return change_quick(input, api);
    });
    if (!changed.ok()) return failure_of(changed.error());
    return show_api<UpdateApiOutput>(**changed, context.endpoint);
}

aws::Outcome<DeleteApiOutput> ApiGatewayV2::delete_api(const Context& context, const DeleteApiInput& input) {
    const Status removed = apis_.remove(context.scope, input.ApiId);
    if (!removed.ok()) return failure_of(removed.error());
    return DeleteApiOutput{};
}

aws::Outcome<DeleteCorsConfigurationOutput> ApiGatewayV2::delete_cors(const Context& context,
                                                                      const DeleteCorsConfigurationInput& input) {
    const auto changed = apis_.edit(context.scope, input.ApiId, [](engine::HttpApi& api) -> Status {
        api.current.cors.reset();
        return {};
    });
    if (!changed.ok()) return failure_of(changed.error());
    return DeleteCorsConfigurationOutput{};
}

}  // namespace millrace::service::apigatewayv2
