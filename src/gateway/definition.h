// What a REST API is made of: what its owner edits (RestApi), and what a stage serves (Deployment: a snapshot that
// never changes). API Gateway's words, https://docs.aws.amazon.com/apigateway/latest/api/Welcome.html; strings hold
// AWS's values ("AWS_PROXY", "WHEN_NO_MATCH") where AWS has an enumeration, checked before they get here.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/base/named.h"
#include "src/base/scope.h"

namespace millrace::gateway {

using TextMap = std::map<std::string, std::string>;
using FlagMap = std::map<std::string, bool>;

struct Model {
    std::string id, name, description, content_type;
    std::string schema;  // JSON Schema, draft 4; as its owner wrote it
};

struct RequestValidator {
    std::string id, name;
    bool body = false;
    bool parameters = false;
};

struct Authorizer {
    std::string id, name;
    std::string type;  // "TOKEN", "REQUEST"; "COGNITO_USER_POOLS" is kept and refuses every request
    std::string auth_type;
    std::string uri;                    // arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/ARN/invocations
    std::string credentials;            // a role's ARN
    std::string identity_source;        // "method.request.header.Authorization,context.identity.sourceIp"
    std::string validation_expression;  // TOKEN: the token has to match it
    int32_t result_ttl_s = 300;         // 0: policies are not kept
    std::vector<std::string> provider_arns;
};

struct IntegrationResponse {
    std::string status_code;
    std::optional<std::string> selection_pattern;  // a regular expression; none or "": the default response
    TextMap parameters;  // "method.response.header.X" -> "integration.response.header.Y", "'text'", ...
    TextMap templates;   // by content type
    std::string content_handling;
};

struct Integration {
    std::string type;  // "AWS", "AWS_PROXY", "HTTP", "HTTP_PROXY", "MOCK"
    std::string http_method;
    std::string uri;
    std::string credentials;
    std::string connection_type, connection_id;
    TextMap parameters;  // "integration.request.header.X" -> "method.request.querystring.y", "'text'", ...
    TextMap templates;   // by content type
    std::string passthrough = "WHEN_NO_MATCH";
    std::string content_handling;
    int32_t timeout_ms = 29'000;
    std::string cache_namespace;
    std::vector<std::string> cache_key_parameters;
    bool tls_insecure = false;
    std::map<std::string, IntegrationResponse> responses;  // by status code
};

struct MethodResponse {
    std::string status_code;
    FlagMap parameters;  // "method.response.header.X" -> required
    TextMap models;      // by content type
};

struct Method {
    std::string http_method;             // "GET", ..., "ANY"
    std::string authorization = "NONE";  // "NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS"
    std::string authorizer_id;
    std::vector<std::string> scopes;
    bool api_key_required = false;
    std::string operation_name;
    std::string validator_id;
    FlagMap parameters;                               // "method.request.header.X" -> required
    TextMap models;                                   // by content type: a model's name
    std::map<std::string, MethodResponse> responses;  // by status code
    std::optional<Integration> integration;
};

struct Resource {
    std::string id;
    std::string parent_id;  // "" of the root
    std::string path_part;  // "orders", "{id}", "{proxy+}"; "" of the root
    std::string path;       // "/", "/orders/{id}"
    std::map<std::string, Method> methods;
};

struct GatewayResponse {
    std::string type;         // "DEFAULT_4XX", "UNAUTHORIZED", ...
    std::string status_code;  // "" : the type's own
    TextMap parameters, templates;
};

struct RestApi {
    Scope scope;
    std::string id, name, description, version;
    TimestampMs created;
    std::vector<std::string> binary_media_types;
    std::optional<int32_t> minimum_compression_bytes;
    std::string key_source = "HEADER";  // or "AUTHORIZER"
    std::vector<std::string> endpoint_types = {"EDGE"};
    std::string policy;  // JSON; ""
    bool execute_endpoint_disabled = false;
    TextMap tags;
    std::map<std::string, Resource> resources;  // by id
    std::string root_id;
    std::map<std::string, Model> models;                       // by name
    std::map<std::string, RequestValidator> validators;        // by id
    std::map<std::string, Authorizer> authorizers;             // by id
    std::map<std::string, GatewayResponse> gateway_responses;  // by type; those that were changed
};

struct DeploymentNote {
    std::string id, description;
    TimestampMs created;
};

struct Deployment {
    std::string id, description;
    TimestampMs created;
    RestApi api;  // as it was
};

struct MethodSetting {
    bool metrics = false;
    std::string logging_level = "OFF";
    bool data_trace = false;
    std::optional<int32_t> burst_limit;
    std::optional<double> rate_limit;
};

struct Stage {
    std::string name, deployment_id, description;
    TimestampMs created, updated;
    TextMap variables;
    std::map<std::string, MethodSetting> settings;          // by "RESOURCE~1PATH/METHOD", "*/*"
    std::string access_log_format, access_log_destination;  // an ARN of a log group or a delivery stream
    bool tracing = false;
    TextMap tags;
};

struct ApiKey {
    Scope scope;
    std::string id, name, description, customer_id;
    std::string value;  // the secret
    bool enabled = true;
    TimestampMs created, updated;
    TextMap tags;
};

struct Throttle {
    double rate = 0;  // requests a second
    int32_t burst = 0;
};

struct Quota {
    int32_t limit = 0, offset = 0;
    std::string period;  // "DAY", "WEEK", "MONTH"
};

struct UsagePlan {
    Scope scope;
    std::string id, name, description, product_code;
    struct ApiStage {
        std::string api_id, stage;
        std::map<std::string, Throttle> throttle;  // by "/path/METHOD"
    };
    std::vector<ApiStage> stages;
    std::optional<Throttle> throttle;
    using Quota = gateway::Quota;
    std::optional<Quota> quota;
    std::vector<std::string> key_ids;
    TextMap tags;
};

struct BasePath {
    std::string base_path;      // "(none)" for the empty one
    std::string api_id, stage;  // stage "" : the first segment of the path names it
};

struct DomainName {
    Scope scope;
    std::string name;
    std::vector<std::string> endpoint_types = {"EDGE"};
    std::string certificate_arn, certificate_name, regional_certificate_arn, regional_certificate_name;
    std::string security_policy = "TLS_1_2";
    TimestampMs created;
    std::map<std::string, BasePath> base_paths;  // by base path
    TextMap tags;
};

}  // namespace millrace::gateway
