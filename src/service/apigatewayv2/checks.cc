#include "src/service/apigatewayv2/checks.h"

#include <algorithm>

#include "src/gateway/http_api/data_plane.h"
#include "src/gateway/http_api/expression.h"
#include "src/gateway/http_api/function_uri.h"
#include "src/gateway/http_api/request_mapping.h"
#include "src/gateway/http_api/route_key.h"
#include "src/service/apigatewayv2/errors.h"

namespace millrace::service::apigatewayv2 {
namespace {

constexpr size_t tags_max = 50;

struct Subtype {
    std::string_view name;
    std::vector<std::string_view> required, others;
};

const std::vector<Subtype>& subtypes() {
    static const std::vector<Subtype> all = {
        {"Kinesis-PutRecord",
         {"StreamName", "Data", "PartitionKey"},
         {"SequenceNumberForOrdering", "ExplicitHashKey", "Region"}},
        {"EventBridge-PutEvents",
         {"Detail", "DetailType", "Source"},
         {"Time", "EventBusName", "Resources", "Region", "TraceHeader"}},
    };
    return all;
}

bool contains(const std::vector<std::string_view>& list, std::string_view one) {
    return std::find(list.begin(), list.end(), one) != list.end();
}

Status check_subtype(const engine::Integration& integration) {
    const auto at = std::find_if(subtypes().begin(), subtypes().end(),
                                 [&](const Subtype& one) { return one.name == integration.subtype; });
    if (at == subtypes().end()) {
        return bad_request("Millrace does not serve the integration subtype " + integration.subtype +
                           ": there are Kinesis-PutRecord and EventBridge-PutEvents");
    }
    if (!integration.uri.empty()) return bad_request("An integration with a subtype has no IntegrationUri");
    if (integration.payload_version != "1.0") {
        return bad_request("PayloadFormatVersion of " + integration.subtype + " is 1.0");
    }
    if (integration.credentials.empty()) return bad_request("CredentialsArn is required for " + integration.subtype);
    for (const std::string_view name : at->required) {
        if (!integration.request_parameters.contains(std::string(name))) {
            return bad_request("Parameter: " + std::string(name) + " is required for the integration subtype " +
                               integration.subtype);
        }
    }
    for (const auto& [name, expression] : integration.request_parameters) {
        if (!contains(at->required, name) && !contains(at->others, name)) {
            return bad_request("Parameter: " + name + " does not fit schema for Operation: " + integration.subtype);
        }
        TRY(engine::check_expression(expression, false));
    }
    return {};
}

Status check_mappings(const engine::Integration& integration) {
    for (const auto& [key, expression] : integration.request_parameters) {
        TRY(engine::check_mapping_key(key, false));
        if (!key.starts_with("remove:")) TRY(engine::check_expression(expression, false));
    }
    return {};
}

Status check_answers(const engine::Integration& integration) {
    for (const auto& [status, mapping] : integration.response_parameters) {
        const int code = std::atoi(status.c_str());
        if (status.size() != 3 || code < 200 || code > 599) {
            return bad_request("Invalid status code of ResponseParameters: " + status);
        }
        for (const auto& [key, expression] : mapping) {
            TRY(engine::check_mapping_key(key, true));
            if (!key.starts_with("remove:")) TRY(engine::check_expression(expression, true));
        }
    }
    return {};
}

bool is_url(std::string_view uri) {
    return uri.starts_with("http://") || uri.starts_with("https://");
}

Status check_jwt(const engine::Authorizer& authorizer) {
    if (authorizer.identity_sources.size() != 1) {
        return bad_request("A JWT authorizer has one identity source");
    }
    const std::string& source = authorizer.identity_sources.front();
    if (!source.starts_with("$request.header.") && !source.starts_with("$request.querystring.")) {
        return bad_request("Invalid identity source of a JWT authorizer: " + source);
    }
    if (!is_url(authorizer.issuer))
        return bad_request("Invalid issuer: " + authorizer.issuer + ". Issuer must be a URL");
    if (authorizer.audience.empty()) return bad_request("Audience list must have at least 1 item");
    return {};
}

}  // namespace

Status check_integration(const engine::Integration& integration) {
    if (integration.type != "AWS_PROXY" && integration.type != "HTTP_PROXY") {
        return bad_request("HTTP APIs have the integration types AWS_PROXY and HTTP_PROXY, not " + integration.type);
    }
    if (integration.connection_type != "INTERNET") {
        return bad_request("Millrace does not honour ConnectionType " + integration.connection_type +
                           ": there is no VPC that could be linked to");
    }
    if (integration.timeout_ms < 50 || integration.timeout_ms > engine::timeout_ms_max) {
        return bad_request("Timeout should be between 50 ms and 30000 ms");
    }
    if (integration.payload_version != "1.0" && integration.payload_version != "2.0") {
        return bad_request("PayloadFormatVersion is 1.0 or 2.0");
    }
    TRY(check_answers(integration));
    if (!integration.subtype.empty()) {
        if (integration.type != "AWS_PROXY") return bad_request("Only AWS_PROXY integrations have a subtype");
        return check_subtype(integration);
    }
    TRY(check_mappings(integration));
    if (integration.type == "HTTP_PROXY") {
        if (!is_url(integration.uri)) return bad_request("Invalid HTTP endpoint specified for URI");
        if (integration.method.empty()) return bad_request("HttpMethod must be specified for HTTP_PROXY integrations");
        if (integration.payload_version != "1.0") return bad_request("PayloadFormatVersion of HTTP_PROXY is 1.0");
        return {};
    }
    const bool variable = integration.uri.find("${stageVariables.") != std::string::npos;
    if (!variable && !engine::function_arn_of(integration.uri)) {
        return bad_request("Invalid function ARN or invalid uri: " + integration.uri);
    }
    return {};
}

Status check_authorizer(const engine::Authorizer& authorizer) {
    for (const std::string& source : authorizer.identity_sources) {
        if (!source.starts_with('$')) return bad_request("Invalid identity source: " + source);
        TRY(engine::check_expression(source, false));
    }
    if (authorizer.type == "JWT") return check_jwt(authorizer);
    if (!engine::function_arn_of(authorizer.uri)) return bad_request("Invalid Authorizer URI: " + authorizer.uri);
    if (authorizer.payload_version != "1.0" && authorizer.payload_version != "2.0") {
        return bad_request("AuthorizerPayloadFormatVersion is a required parameter for REQUEST authorizer: 1.0 or 2.0");
    }
    if (authorizer.simple_responses && authorizer.payload_version != "2.0") {
        return bad_request("EnableSimpleResponses is only supported for AuthorizerPayloadFormatVersion 2.0");
    }
    if (authorizer.result_ttl_s < 0 || authorizer.result_ttl_s > 3600) {
        return bad_request("AuthorizerResultTtlInSeconds is between 0 and 3600");
    }
    if (authorizer.result_ttl_s > 0 && authorizer.identity_sources.empty()) {
        return bad_request("An authorizer whose results are kept has an identity source");
    }
    return {};
}

Status check_cors(const engine::Cors& cors) {
    for (const std::string& origin : cors.allow_origins) {
        if (origin != "*" && !is_url(origin)) {
            return bad_request("Invalid format for origin " + origin +
                               ". Origins must begin with http:// or https://, or be *");
        }
        if (origin == "*" && cors.allow_credentials) {
            return bad_request("allowCredentials is not supported if the allowed origins are *");
        }
    }
    if (cors.max_age_s < -1 || cors.max_age_s > 86'400) return bad_request("MaxAge is between -1 and 86400");
    for (const auto* list : {&cors.allow_headers, &cors.allow_methods, &cors.expose_headers}) {
        for (const std::string& one : *list) {
            if (one.empty() || one.find_first_of(std::string_view("\r\n\0,", 4)) != std::string::npos) {
                return bad_request("Invalid value in the CORS configuration");
            }
        }
    }
    return {};
}

Status check_route(const engine::Route& route, const engine::HttpApi& api) {
    TRY_ASSIGN(const engine::RouteKey key, engine::parse_route_key(route.key));
    for (const auto& [id, other] : api.current.routes) {
        if (id == route.id) continue;
        const Result<engine::RouteKey> others = engine::parse_route_key(other.key);
        if (others.ok() && engine::conflict(key, *others)) {
            return Error{ErrorCode::already_exists, "Route with key " + route.key + " already exists for this API"};
        }
    }
    if (!route.target.empty()) {
        constexpr std::string_view start = "integrations/";
        if (!route.target.starts_with(start) || !api.current.integrations.contains(route.target.substr(start.size()))) {
            return bad_request("Invalid target " + route.target +
                               ": it is integrations/ID of an integration of this API");
        }
    }
    const bool wants = route.authorization_type == "JWT" || route.authorization_type == "CUSTOM";
    if (!wants) {
        if (!route.authorizer_id.empty()) {
            return bad_request("AuthorizerId is of routes whose AuthorizationType is JWT or CUSTOM");
        }
        return {};
    }
    const auto authorizer = api.current.authorizers.find(route.authorizer_id);
    if (authorizer == api.current.authorizers.end()) return bad_request("Invalid authorizer ID specified");
    if ((authorizer->second.type == "JWT") != (route.authorization_type == "JWT")) {
        return bad_request("The authorizer is not of the route's AuthorizationType");
    }
    return {};
}

Status check_stage_name(std::string_view name) {
    if (name == "$default") return {};
    const bool good = !name.empty() && name.size() <= 128 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
    if (good) return {};
    return bad_request("Stage name only allows a-zA-Z0-9_- or $default");
}

Status check_variables(const engine::TextMap& variables) {
    for (const auto& [name, value] : variables) {
        const bool good = std::all_of(value.begin(), value.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                   std::string_view("-._~:/?#&=,").find(c) != std::string_view::npos;
        });
        if (name.empty() || !good)
            return bad_request("Stage variable value: " + value + " for key: " + name + " is invalid");
    }
    return {};
}

Status check_tags(const engine::TextMap& tags) {
    if (tags.size() > tags_max) return bad_request("The number of tags exceeds the limit of 50");
    for (const auto& [name, value] : tags) {
        if (name.empty() || name.size() > 128 || value.size() > 256) {
            return bad_request("Tag keys have 1 to 128 characters, values at most 256");
        }
        if (name.starts_with("aws:")) return bad_request("Tag keys do not begin with aws:");
    }
    return {};
}

}  // namespace millrace::service::apigatewayv2
