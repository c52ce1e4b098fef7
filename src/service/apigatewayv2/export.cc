// ExportApi: an API as an OpenAPI 3.0 document, with API Gateway's extensions.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-export.html
#include <boost/json.hpp>

#include "src/gateway/http_api/route_key.h"
#include "src/gateway/open_api/document.h"
#include "src/service/apigatewayv2/apigatewayv2.h"
#include "src/service/apigatewayv2/errors.h"
#include "src/service/apigatewayv2/shown.h"

namespace millrace::service::apigatewayv2 {

using namespace aws::apigatewayv2;

namespace {

namespace json = boost::json;

void put(json::object& to, std::string_view name, const std::string& text) {
    if (!text.empty()) to[name] = text;
}

json::object texts(const engine::TextMap& map) {
    json::object object;
    for (const auto& [name, value] : map) object[name] = value;
    return object;
}

json::object integration_of(const engine::Integration& it) {
    json::object out{{"type", it.subtype.empty() ? (it.type == "AWS_PROXY" ? "aws_proxy" : "http_proxy") : "aws_proxy"},
                     {"payloadFormatVersion", it.payload_version},
                     {"connectionType", it.connection_type},
                     {"timeoutInMillis", it.timeout_ms}};
    put(out, "integrationSubtype", it.subtype);
    put(out, "uri", it.uri);
    put(out, "httpMethod", it.method);
    put(out, "credentials", it.credentials);
    if (!it.request_parameters.empty()) out["requestParameters"] = texts(it.request_parameters);
    if (!it.response_parameters.empty()) {
        json::object& all = out["responseParameters"].emplace_object();
        for (const auto& [status, mapping] : it.response_parameters) all[status] = texts(mapping);
    }
    return out;
}

json::object authorizer_of(const engine::Authorizer& it) {
    json::object extension{{"type", it.type == "JWT" ? "jwt" : "request"}};
    std::string sources;
    for (const std::string& source : it.identity_sources) sources += (sources.empty() ? "" : ", ") + source;
    put(extension, "identitySource", sources);
    if (it.type == "JWT") {
        extension["jwtConfiguration"] =
            json::object{{"issuer", it.issuer}, {"audience", json::value_from(it.audience)}};
        return {{"type", "oauth2"}, {"x-amazon-apigateway-authorizer", std::move(extension)}};
    }
    put(extension, "authorizerUri", it.uri);
    put(extension, "authorizerCredentials", it.credentials);
    extension["authorizerPayloadFormatVersion"] = it.payload_version;
    extension["authorizerResultTtlInSeconds"] = it.result_ttl_s;
    extension["enableSimpleResponses"] = it.simple_responses;
    return {{"type", "apiKey"},
            {"name", "Unused"},
            {"in", "header"},
            {"x-amazon-apigateway-authorizer", std::move(extension)}};
}

json::object cors_of(const engine::Cors& it) {
    json::object out{{"allowCredentials", it.allow_credentials}};
    if (!it.allow_headers.empty()) out["allowHeaders"] = json::value_from(it.allow_headers);
    if (!it.allow_methods.empty()) out["allowMethods"] = json::value_from(it.allow_methods);
    if (!it.allow_origins.empty()) out["allowOrigins"] = json::value_from(it.allow_origins);
    if (!it.expose_headers.empty()) out["exposeHeaders"] = json::value_from(it.expose_headers);
    if (it.max_age_s >= 0) out["maxAge"] = it.max_age_s;
    return out;
}

json::object operation_of(const engine::Route& route, const engine::RouteKey& key, const engine::Snapshot& snapshot,
                          bool extensions) {
    json::object out{
        {"responses", json::object{{"default", json::object{{"description", "Default response for " + route.key}}}}}};
    put(out, "operationId", route.operation_name);
    json::array parameters;
    for (const engine::RouteKey::Segment& segment : key.segments) {
        if (!segment.parameter) continue;
        parameters.push_back(json::object{{"name", segment.text + (segment.greedy ? "+" : "")},
                                          {"in", "path"},
                                          {"required", true},
                                          {"schema", json::object{{"type", "string"}}}});
    }
    if (!parameters.empty()) out["parameters"] = std::move(parameters);
    const auto authorizer = snapshot.authorizers.find(route.authorizer_id);
    if (authorizer != snapshot.authorizers.end()) {
        out["security"] = json::array{json::object{{authorizer->second.name, json::value_from(route.scopes)}}};
    }
    if (!extensions) return out;
    if (route.authorization_type == "AWS_IAM") out["x-amazon-apigateway-auth"] = json::object{{"type", "AWS_IAM"}};
    const auto integration = snapshot.integrations.find(route.target.substr(route.target.find('/') + 1));
    if (integration != snapshot.integrations.end()) {
        out["x-amazon-apigateway-integration"] = integration_of(integration->second);
    }
    return out;
}

std::string lower(std::string text) {
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return text;
}

json::object document_of(const engine::HttpApi& api, const engine::Snapshot& snapshot, bool extensions,
                         const std::string& endpoint, const std::string& stage) {
    json::object info{{"title", api.name}, {"version", api.version.empty() ? "1.0" : api.version}};
    put(info, "description", api.description);
    json::object paths;
    for (const auto& [id, route] : snapshot.routes) {
        const Result<engine::RouteKey> key = engine::parse_route_key(route.key);
        if (!key.ok()) continue;
        const std::string path = key->is_default ? "/$default" : route.key.substr(route.key.find(' ') + 1);
        const std::string method =
            key->is_default || key->method == "ANY" ? "x-amazon-apigateway-any-method" : lower(key->method);
        json::value& item = paths[path];
        if (!item.is_object()) item.emplace_object();
        item.as_object()[method] = operation_of(route, *key, snapshot, extensions);
    }
    json::object server{
        {"url", endpoint_of(api.id, endpoint) + (stage.empty() || stage == "$default" ? "" : "/" + stage)}};
    json::object out{{"openapi", "3.0.1"},
                     {"info", std::move(info)},
                     {"servers", json::array{std::move(server)}},
                     {"paths", std::move(paths)}};
    if (!snapshot.authorizers.empty()) {
        json::object schemes;
        for (const auto& [id, authorizer] : snapshot.authorizers) schemes[authorizer.name] = authorizer_of(authorizer);
        out["components"] = json::object{{"securitySchemes", std::move(schemes)}};
    }
    if (extensions) {
        out["x-amazon-apigateway-importexport-version"] = "1.0";
        if (snapshot.cors) out["x-amazon-apigateway-cors"] = cors_of(*snapshot.cors);
    }
    return out;
}

}  // namespace

aws::Outcome<ExportApiOutput> ApiGatewayV2::export_api(const Context& context, const ExportApiInput& input) {
    const auto api = apis_.find(context.scope, input.ApiId);
    if (!api.ok()) return failure_of(api.error());
    if (input.ExportVersion && *input.ExportVersion != "1.0") return failure_of(bad_request("ExportVersion is 1.0"));
    const engine::Snapshot* snapshot = &(*api)->current;
    if (input.StageName) {
        const auto stage = (*api)->stages.find(*input.StageName);
        if (stage == (*api)->stages.end()) return failure_of(none_such("Stage", *input.StageName));
        const auto deployment = (*api)->deployments.find(stage->second.deployment_id);
        if (deployment == (*api)->deployments.end()) {
            return failure_of(bad_request("The stage " + *input.StageName + " serves no deployment yet"));
        }
        snapshot = deployment->second.snapshot.get();
    }
    ExportApiOutput out;
    const json::value tree = document_of(**api, *snapshot, input.IncludeExtensions.value_or(true), context.endpoint,
                                         input.StageName.value_or(""));
    out.body = input.OutputType == "YAML" ? gateway::write_yaml(tree) : json::serialize(tree);
    return out;
}

}  // namespace millrace::service::apigatewayv2
