// What an HTTP API is made of: what its owner edits (HttpApi), and what its stages serve (Snapshot: never changes).
// https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/api-reference.html; strings hold AWS's values where AWS
// has an enumeration, checked before they get here.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/base/named.h"
#include "src/base/scope.h"

namespace millrace::gateway::http_api {

using TextMap = std::map<std::string, std::string>;

struct Cors {
    bool allow_credentials = false;
    std::vector<std::string> allow_headers, allow_methods, allow_origins, expose_headers;
    int32_t max_age_s = -1;  // -1: none is sent
    bool operator==(const Cors&) const = default;
};

struct Route {
    std::string id;
    std::string key;                          // "GET /orders/{id}", "ANY /{proxy+}", "$default"
    std::string authorization_type = "NONE";  // "JWT", "CUSTOM", "AWS_IAM"
    std::string authorizer_id;                // of JWT and CUSTOM
    std::vector<std::string> scopes;          // of JWT: one of them has to be among the token's
    std::string operation_name;
    std::string target;    // "integrations/ID"; "" answers 500, as AWS does
    bool managed = false;  // made by quick create
    bool operator==(const Route&) const = default;
};

struct Integration {
    std::string id;
    std::string type;     // "AWS_PROXY", "HTTP_PROXY"
    std::string subtype;  // "Kinesis-PutRecord", ...; "": a function
    std::string uri;      // a function's ARN (or its invocation ARN), a URL
    std::string method;   // of HTTP_PROXY: "ANY" is the client's
    std::string payload_version = "1.0";
    std::string credentials, description;
    std::string connection_type = "INTERNET";
    int32_t timeout_ms = 30'000;
    TextMap request_parameters;  // "overwrite:header.x" -> "$request.header.y"; of subtypes: the call's
    std::map<std::string, TextMap> response_parameters;  // by status code
    bool managed = false;
    bool operator==(const Integration&) const = default;
};

struct Authorizer {
    std::string id, name;
    std::string type;                           // "JWT", "REQUEST"
    std::vector<std::string> identity_sources;  // "$request.header.Authorization"
    std::string issuer;                         // of JWT
    std::vector<std::string> audience;
    std::string uri, credentials;  // of REQUEST: the function
    std::string payload_version = "2.0";
    bool simple_responses = false;
    int32_t result_ttl_s = 0;  // 0: answers are not kept
    bool operator==(const Authorizer&) const = default;
};

class RouteTable;  // route_key.h

// What a deployment keeps.
struct Snapshot {
    std::map<std::string, Route> routes;  // by id, as the rest
    std::map<std::string, Integration> integrations;
    std::map<std::string, Authorizer> authorizers;
    std::optional<Cors> cors;
    bool operator==(const Snapshot&) const = default;
};

struct Deployment {
    std::string id, description;
    TimestampMs created;
    bool automatic = false;
    std::shared_ptr<const Snapshot> snapshot;
    std::shared_ptr<const RouteTable> routes;  // the snapshot's, compiled; refers to it
};

struct RouteSettings {
    bool detailed_metrics = false;
    std::optional<int32_t> burst_limit;
    std::optional<double> rate_limit;  // requests a second
};

struct Stage {
    std::string name, deployment_id, description;
    TimestampMs created, updated;
    bool auto_deploy = false;
    bool managed = false;
    TextMap variables, tags;
    RouteSettings settings;                               // of every route
    std::map<std::string, RouteSettings> route_settings;  // by route key; wins
    std::string access_log_format, access_log_destination;
};

struct HttpApi {
    Scope scope;
    std::string id, name, description, version;
    TimestampMs created;
    bool execute_endpoint_disabled = false;
    TextMap tags;
    Snapshot current;                               // what the owner edits
    std::map<std::string, Deployment> deployments;  // by id
    std::map<std::string, Stage> stages;            // by name
};

struct ApiMapping {
    std::string id;
    std::string key;  // "", "orders", "v1/orders": the longest that begins the path is taken
    std::string api_id, stage;
};

struct DomainName {
    Scope scope;
    std::string name;  // lower case
    std::string certificate_arn, certificate_name, endpoint_type = "REGIONAL", security_policy = "TLS_1_2";
    TimestampMs created;
    TextMap tags;
    std::map<std::string, ApiMapping> mappings;  // by id
};

}  // namespace millrace::gateway::http_api
