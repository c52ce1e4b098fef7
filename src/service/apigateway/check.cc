#include "src/service/apigateway/check.h"

#include <algorithm>
#include <array>
#include <set>

#include "src/service/apigateway/errors.h"
#include "src/service/apigateway/limits.h"

namespace millrace::service::apigateway {
namespace {

aws::Failure invalid_mapping(std::string_view what, std::string_view expression) {
    return bad_request("Invalid mapping expression specified: Validation Result: warnings : [], errors : [" +
                       std::string(what) + std::string(expression) + "]");
}

// "method.request.header.X-Y" -> "header", where `stem` is "method.request.".
std::string_view place_of(std::string_view name, std::string_view stem) {
    if (!name.starts_with(stem)) return {};
    name.remove_prefix(stem.size());
    const size_t dot = name.find('.');
    return dot == std::string_view::npos || dot + 1 == name.size() ? std::string_view() : name.substr(0, dot);
}

bool is_request_parameter(std::string_view name, std::string_view stem) {
    const std::string_view place = place_of(name, stem);
    return place == "header" || place == "querystring" || place == "path" || place == "multivalueheader" ||
           place == "multivaluequerystring";
}

aws::Outcome<void> check_models(const gateway::RestApi& api, const gateway::TextMap& models) {
    for (const auto& [content_type, model] : models) {
        if (!api.models.contains(model)) return bad_request("Invalid model identifier specified: " + model);
    }
    return {};
}

aws::Outcome<void> check_templates(const gateway::TextMap& templates) {
    for (const auto& [content_type, text] : templates) {
        if (content_type.find('/') == std::string::npos && content_type != "$default") {
            return bad_request(
                "Validation Result: warnings : [], errors : [Invalid content type specified: " + content_type + "]");
        }
        if (text.size() > template_bytes_max) return bad_request("Mapping template is over 300 KB");
    }
    return {};
}

aws::Outcome<void> check_content_handling(const std::string& handling) {
    if (handling.empty() || handling == "CONVERT_TO_BINARY" || handling == "CONVERT_TO_TEXT") return {};
    return bad_request("Invalid contentHandling specified. Valid options are CONVERT_TO_BINARY,CONVERT_TO_TEXT");
}

}  // namespace

bool only_of(std::string_view text, std::string_view characters) {
    return !text.empty() && text.find_first_not_of(characters) == std::string_view::npos;
}

bool is_http_method(std::string_view text) {
    constexpr std::array methods{"GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY"};
    return std::ranges::find(methods, text) != methods.end();
}

aws::Outcome<void> check_tags(const gateway::TextMap& tags) {
    if (tags.size() > tags_max) return bad_request("A resource has at most 50 tags.");
    for (const auto& [key, value] : tags) {
        if (key.empty() || key.size() > 128 || value.size() > 256) return bad_request("Invalid tag: " + key);
        if (key.starts_with("aws:"))
            return bad_request("aws: prefixed tag key names are not allowed for external use.");
    }
    return {};
}

aws::Outcome<void> check_method(const gateway::RestApi& api, const gateway::Method& method) {
    constexpr std::array kinds{"NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS"};
    if (std::ranges::find(kinds, method.authorization) == kinds.end()) {
        return bad_request(
            "Invalid authorization type specified. Valid options are NONE, AWS_IAM, CUSTOM, "
            "COGNITO_USER_POOLS");
    }
    const bool wants_authorizer = method.authorization == "CUSTOM" || method.authorization == "COGNITO_USER_POOLS";
    if (wants_authorizer && !api.authorizers.contains(method.authorizer_id)) {
        return bad_request(
            "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or "
            "COGNITO_USER_POOLS requires a valid authorizer.");
    }
    if (!method.validator_id.empty() && !api.validators.contains(method.validator_id)) {
        return bad_request("Invalid Request Validator identifier specified");
    }
    TRY(check_models(api, method.models));
    std::set<std::string_view> names;
    for (const auto& [name, required] : method.parameters) {
        if (!is_request_parameter(name, "method.request.")) {
            return invalid_mapping("Invalid mapping expression specified: ", name);
        }
        if (!names.insert(std::string_view(name).substr(name.find('.', 15) + 1)).second) {
            return bad_request("Parameter names must be unique across querystring, header and path");
        }
    }
    return {};
}

aws::Outcome<void> check_method_response(const gateway::RestApi& api, const gateway::MethodResponse& response) {
    for (const auto& [name, required] : response.parameters) {
        if (place_of(name, "method.response.") != "header") {
            return invalid_mapping("Invalid mapping expression specified: ", name);
        }
    }
    return check_models(api, response.models);
}

aws::Outcome<void> check_integration(const gateway::Method& method, const gateway::Integration& integration) {
    const bool aws = integration.type == "AWS" || integration.type == "AWS_PROXY";
    const bool http = integration.type == "HTTP" || integration.type == "HTTP_PROXY";
    if ((aws || http) && integration.http_method.empty()) {
        return bad_request("Enumeration value for HttpMethod must be non-empty");
    }
    if (!integration.http_method.empty() && !is_http_method(integration.http_method)) {
        return bad_request(
            "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY");
    }
    if (aws && !integration.uri.starts_with("arn:")) {
        return bad_request(integration.uri.empty() ? "Invalid ARN specified in the request"
                                                   : "AWS ARN for integration must contain path or action");
    }
    // "arn:aws:apigateway:REGION:SUBDOMAIN.SERVICE:path|action/SERVICE_API"
    if (aws && integration.uri.find(":path/") == std::string::npos &&
        integration.uri.find(":action/") == std::string::npos) {
        return bad_request("AWS ARN for integration must contain path or action");
    }
    const bool from_variable = integration.uri.find("stageVariables.") != std::string::npos;
    if (integration.type == "AWS_PROXY" && integration.uri.find(":lambda:path/") == std::string::npos &&
        integration.uri.find(".lambda:path/") == std::string::npos && !from_variable) {
        return bad_request(
            "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose "
            "stream invocations.");
    }
    if (http && !integration.uri.starts_with("http://") && !integration.uri.starts_with("https://") && !from_variable) {
        return bad_request("Invalid HTTP endpoint specified for URI");
    }
    if (integration.timeout_ms < integration_timeout_ms_min || integration.timeout_ms > integration_timeout_ms_max) {
        return bad_request("Timeout should be between 50 ms and 29000 ms");
    }
    constexpr std::array behaviours{"WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"};
    if (std::ranges::find(behaviours, integration.passthrough) == behaviours.end()) {
        return bad_request(
            "Invalid passthroughBehavior specified. Valid options are "
            "WHEN_NO_MATCH,WHEN_NO_TEMPLATES,NEVER");
    }
    TRY(check_content_handling(integration.content_handling));
    TRY(check_templates(integration.templates));
    for (const auto& [to, from] : integration.parameters) {
        if (!is_request_parameter(to, "integration.request.")) {
            return invalid_mapping("Invalid mapping expression specified: ", to);
        }
        const bool parameter = is_request_parameter(from, "method.request.");
        const bool known = from.starts_with("'") || from.starts_with("context.") ||
                           from.starts_with("stageVariables.") || from.starts_with("method.request.body");
        if (parameter && !method.parameters.contains(from) && !from.starts_with("method.request.multivalue")) {
            return invalid_mapping("Invalid mapping expression parameter specified: ", from);
        }
        if (!parameter && !known) return invalid_mapping("Invalid mapping expression specified: ", from);
    }
    return {};
}

aws::Outcome<void> check_integration_response(const gateway::Method& method,
                                              const gateway::IntegrationResponse& response) {
    const auto declared = method.responses.find(response.status_code);
    for (const auto& [to, from] : response.parameters) {
        if (place_of(to, "method.response.") != "header") {
            return invalid_mapping("Invalid mapping expression specified: ", to);
        }
        if (declared == method.responses.end() || !declared->second.parameters.contains(to)) {
            return invalid_mapping("Invalid mapping expression parameter specified: ", to);
        }
        const bool known = from.starts_with("'") || from.starts_with("context.") ||
                           from.starts_with("stageVariables.") || from.starts_with("integration.response.");
        if (!known) return invalid_mapping("Invalid mapping expression specified: ", from);
    }
    TRY(check_content_handling(response.content_handling));
    return check_templates(response.templates);
}

aws::Outcome<void> check_deployable(const gateway::RestApi& api) {
    bool any = false;
    for (const auto& [id, resource] : api.resources) {
        for (const auto& [name, method] : resource.methods) {
            any = true;
            if (!method.integration) return bad_request("No integration defined for method");
        }
    }
    if (!any) return bad_request("The REST API doesn't contain any methods");
    return {};
}

aws::Outcome<void> check_variables(const gateway::TextMap& variables) {
    constexpr std::string_view values = "-._~:/?#&=,";
    if (variables.size() > variables_max) return bad_request("A stage has at most 100 variables.");
    for (const auto& [name, value] : variables) {
        if (!only_of(name, std::string(alphanumeric) + "_")) {
            return bad_request("Stage variable names may only contain alphanumeric characters and underscores: " +
                               name);
        }
        if (!value.empty() && !only_of(value, std::string(alphanumeric) + std::string(values))) {
            return bad_request("Stage variable values may only contain A-Z, a-z, 0-9, -._~:/?#&=,: " + name);
        }
    }
    return {};
}

}  // namespace millrace::service::apigateway
