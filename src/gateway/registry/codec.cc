#include "src/gateway/registry/codec.h"

#include "src/gateway/registry/json_archive.h"

namespace millrace::gateway {

static void describe(auto& a, Is<Model> auto& it) {
    a("id", it.id), a("name", it.name), a("description", it.description);
    a("content_type", it.content_type), a("schema", it.schema);
}
static void describe(auto& a, Is<RequestValidator> auto& it) {
    a("id", it.id), a("name", it.name), a("body", it.body), a("parameters", it.parameters);
}
static void describe(auto& a, Is<Authorizer> auto& it) {
    a("id", it.id), a("name", it.name), a("type", it.type), a("auth_type", it.auth_type), a("uri", it.uri);
    a("credentials", it.credentials), a("identity_source", it.identity_source);
    a("validation_expression", it.validation_expression), a("result_ttl_s", it.result_ttl_s);
    a("provider_arns", it.provider_arns);
}
static void describe(auto& a, Is<IntegrationResponse> auto& it) {
    a("status_code", it.status_code), a("selection_pattern", it.selection_pattern), a("parameters", it.parameters);
    a("templates", it.templates), a("content_handling", it.content_handling);
}
static void describe(auto& a, Is<Integration> auto& it) {
    a("type", it.type), a("http_method", it.http_method), a("uri", it.uri), a("credentials", it.credentials);
    a("connection_type", it.connection_type), a("connection_id", it.connection_id), a("parameters", it.parameters);
    a("templates", it.templates), a("passthrough", it.passthrough), a("content_handling", it.content_handling);
    a("timeout_ms", it.timeout_ms), a("cache_namespace", it.cache_namespace);
    a("cache_key_parameters", it.cache_key_parameters), a("tls_insecure", it.tls_insecure);
    a("responses", it.responses);
}
static void describe(auto& a, Is<MethodResponse> auto& it) {
    a("status_code", it.status_code), a("parameters", it.parameters), a("models", it.models);
}
static void describe(auto& a, Is<Method> auto& it) {
    a("http_method", it.http_method), a("authorization", it.authorization), a("authorizer_id", it.authorizer_id);
    a("scopes", it.scopes), a("api_key_required", it.api_key_required), a("operation_name", it.operation_name);
    a("validator_id", it.validator_id), a("parameters", it.parameters), a("models", it.models);
    a("responses", it.responses), a("integration", it.integration);
}
static void describe(auto& a, Is<Resource> auto& it) {
    a("id", it.id), a("parent_id", it.parent_id), a("path_part", it.path_part), a("path", it.path);
    a("methods", it.methods);
}
static void describe(auto& a, Is<GatewayResponse> auto& it) {
    a("type", it.type), a("status_code", it.status_code), a("parameters", it.parameters);
    a("templates", it.templates);
}
static void describe(auto& a, Is<RestApi> auto& it) {
    a("id", it.id), a("name", it.name), a("description", it.description), a("version", it.version);
    a("created", it.created), a("binary_media_types", it.binary_media_types);
    a("minimum_compression_bytes", it.minimum_compression_bytes), a("key_source", it.key_source);
    a("endpoint_types", it.endpoint_types), a("policy", it.policy);
    a("execute_endpoint_disabled", it.execute_endpoint_disabled), a("tags", it.tags), a("resources", it.resources);
    a("root_id", it.root_id), a("models", it.models), a("validators", it.validators);
    a("authorizers", it.authorizers), a("gateway_responses", it.gateway_responses);
}
static void describe(auto& a, Is<Deployment> auto& it) {
    a("id", it.id), a("description", it.description), a("created", it.created), a("api", it.api);
}
static void describe(auto& a, Is<DeploymentNote> auto& it) {
    a("id", it.id), a("description", it.description), a("created", it.created);
}
static void describe(auto& a, Is<MethodSetting> auto& it) {
    a("metrics", it.metrics), a("logging_level", it.logging_level), a("data_trace", it.data_trace);
    a("burst_limit", it.burst_limit), a("rate_limit", it.rate_limit);
}
static void describe(auto& a, Is<Stage> auto& it) {
    a("name", it.name), a("deployment_id", it.deployment_id), a("description", it.description);
    a("created", it.created), a("updated", it.updated), a("variables", it.variables), a("settings", it.settings);
    a("access_log_format", it.access_log_format), a("access_log_destination", it.access_log_destination);
    a("tracing", it.tracing), a("tags", it.tags);
}
static void describe(auto& a, Is<ApiKey> auto& it) {
    a("id", it.id), a("name", it.name), a("description", it.description), a("customer_id", it.customer_id);
    a("value", it.value), a("enabled", it.enabled), a("created", it.created), a("updated", it.updated);
    a("tags", it.tags);
}
static void describe(auto& a, Is<Throttle> auto& it) {
    a("rate", it.rate), a("burst", it.burst);
}
static void describe(auto& a, Is<UsagePlan::ApiStage> auto& it) {
    a("api_id", it.api_id), a("stage", it.stage), a("throttle", it.throttle);
}
static void describe(auto& a, Is<Quota> auto& it) {
    a("limit", it.limit), a("offset", it.offset), a("period", it.period);
}
static void describe(auto& a, Is<UsagePlan> auto& it) {
    a("id", it.id), a("name", it.name), a("description", it.description), a("product_code", it.product_code);
    a("stages", it.stages), a("throttle", it.throttle), a("quota", it.quota), a("key_ids", it.key_ids);
    a("tags", it.tags);
}
static void describe(auto& a, Is<BasePath> auto& it) {
    a("base_path", it.base_path), a("api_id", it.api_id), a("stage", it.stage);
}
static void describe(auto& a, Is<DomainName> auto& it) {
    a("name", it.name), a("endpoint_types", it.endpoint_types), a("certificate_arn", it.certificate_arn);
    a("certificate_name", it.certificate_name), a("regional_certificate_arn", it.regional_certificate_arn);
    a("regional_certificate_name", it.regional_certificate_name), a("security_policy", it.security_policy);
    a("created", it.created), a("base_paths", it.base_paths), a("tags", it.tags);
}

namespace {

template <class T>
Status read(std::string_view text, T* out) {
    return from_json_text<Absent::as_new>(text, "REST APIs", out);
}

}  // namespace

std::string encode(const RestApi& it) {
    return to_json_text(it);
}
std::string encode(const Deployment& it) {
    return to_json_text(it);
}
std::string encode(const Stage& it) {
    return to_json_text(it);
}
std::string encode(const ApiKey& it) {
    return to_json_text(it);
}
std::string encode(const UsagePlan& it) {
    return to_json_text(it);
}
std::string encode(const DomainName& it) {
    return to_json_text(it);
}

Status decode(const Scope& scope, std::string_view text, RestApi* out) {
    out->scope = scope;
    return read(text, out);
}
Status decode(const Scope& scope, std::string_view text, Deployment* out) {
    out->api.scope = scope;
    return read(text, out);
}
Status decode(const Scope&, std::string_view text, Stage* out) {
    return read(text, out);
}
Status decode(const Scope& scope, std::string_view text, ApiKey* out) {
    out->scope = scope;
    return read(text, out);
}
Status decode(const Scope& scope, std::string_view text, UsagePlan* out) {
    out->scope = scope;
    return read(text, out);
}
Status decode(const Scope& scope, std::string_view text, DomainName* out) {
    out->scope = scope;
    return read(text, out);
}
Status decode(const Scope&, std::string_view text, DeploymentNote* out) {
    return read(text, out);
}

}  // namespace millrace::gateway
