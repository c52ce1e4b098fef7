#include "src/gateway/http_api/codec.h"

#include "src/gateway/registry/json_archive.h"

namespace millrace::gateway::http_api {

static void describe(auto& a, Is<Cors> auto& it) {
    a("credentials", it.allow_credentials);
    a("headers", it.allow_headers);
    a("methods", it.allow_methods);
    a("origins", it.allow_origins);
    a("expose", it.expose_headers);
    a("max_age_s", it.max_age_s);
}
static void describe(auto& a, Is<Route> auto& it) {
    a("id", it.id);
    a("key", it.key);
    a("authorization_type", it.authorization_type);
    a("authorizer_id", it.authorizer_id);
    a("scopes", it.scopes);
    a("operation_name", it.operation_name);
    a("target", it.target);
    a("managed", it.managed);
}
static void describe(auto& a, Is<Integration> auto& it) {
    a("id", it.id);
    a("type", it.type);
    a("subtype", it.subtype);
    a("uri", it.uri);
    a("method", it.method);
    a("payload_version", it.payload_version);
    a("credentials", it.credentials);
    a("description", it.description);
    a("connection_type", it.connection_type);
    a("timeout_ms", it.timeout_ms);
    a("request_parameters", it.request_parameters);
    a("response_parameters", it.response_parameters);
    a("managed", it.managed);
}
static void describe(auto& a, Is<Authorizer> auto& it) {
    a("id", it.id);
    a("name", it.name);
    a("type", it.type);
    a("identity_sources", it.identity_sources);
    a("issuer", it.issuer);
    a("audience", it.audience);
    a("uri", it.uri);
    a("credentials", it.credentials);
    a("payload_version", it.payload_version);
    a("simple_responses", it.simple_responses);
    a("result_ttl_s", it.result_ttl_s);
}
static void describe(auto& a, Is<Snapshot> auto& it) {
    a("routes", it.routes);
    a("integrations", it.integrations);
    a("authorizers", it.authorizers);
    a("cors", it.cors);
}
static void describe(auto& a, Is<Deployment> auto& it) {
    a("id", it.id);
    a("description", it.description);
    a("created", it.created);
    a("automatic", it.automatic);
}
static void describe(auto& a, Is<RouteSettings> auto& it) {
    a("detailed_metrics", it.detailed_metrics);
    a("burst_limit", it.burst_limit);
    a("rate_limit", it.rate_limit);
}
static void describe(auto& a, Is<Stage> auto& it) {
    a("name", it.name);
    a("deployment_id", it.deployment_id);
    a("description", it.description);
    a("created", it.created);
    a("updated", it.updated);
    a("auto_deploy", it.auto_deploy);
    a("managed", it.managed);
    a("variables", it.variables);
    a("tags", it.tags);
    a("settings", it.settings);
    a("route_settings", it.route_settings);
    a("access_log_format", it.access_log_format);
    a("access_log_destination", it.access_log_destination);
}
static void describe(auto& a, Is<HttpApi> auto& it) {
    a("id", it.id);
    a("name", it.name);
    a("description", it.description);
    a("version", it.version);
    a("created", it.created);
    a("execute_endpoint_disabled", it.execute_endpoint_disabled);
    a("tags", it.tags);
    a("current", it.current);
    a("deployments", it.deployments);
    a("stages", it.stages);
}
static void describe(auto& a, Is<ApiMapping> auto& it) {
    a("id", it.id);
    a("key", it.key);
    a("api_id", it.api_id);
    a("stage", it.stage);
}
static void describe(auto& a, Is<DomainName> auto& it) {
    a("name", it.name);
    a("certificate_arn", it.certificate_arn);
    a("certificate_name", it.certificate_name);
    a("endpoint_type", it.endpoint_type);
    a("security_policy", it.security_policy);
    a("created", it.created);
    a("tags", it.tags);
    a("mappings", it.mappings);
}

namespace {

// Absent texts were empty: a new integration's format is not "".
template <class T>
Result<T> decode(std::string_view text) {
    T it;
    TRY(from_json_text<Absent::empty>(text, "HTTP APIs", &it));
    return it;
}

}  // namespace

std::string encode(const HttpApi& api) {
    return to_json_text(api);
}
std::string encode(const Snapshot& snapshot) {
    return to_json_text(snapshot);
}
std::string encode(const DomainName& domain) {
    return to_json_text(domain);
}

Result<HttpApi> decode_api(std::string_view text, const Scope& scope) {
    TRY_ASSIGN(HttpApi api, decode<HttpApi>(text));
    api.scope = scope;
    return api;
}
Result<Snapshot> decode_snapshot(std::string_view text) {
    return decode<Snapshot>(text);
}
Result<DomainName> decode_domain(std::string_view text, const Scope& scope) {
    TRY_ASSIGN(DomainName domain, decode<DomainName>(text));
    domain.scope = scope;
    return domain;
}

}  // namespace millrace::gateway::http_api
