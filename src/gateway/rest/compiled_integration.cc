#include "src/gateway/rest/compiled_integration.h"

#include <charconv>

#include <re2/re2.h>

#include "src/gateway/text/uri.h"

namespace millrace::gateway {
namespace {

using Kind = CompiledIntegration::Kind;

Error invalid(std::string what) {
    return {ErrorCode::invalid_argument, std::move(what)};
}

// arn:aws:apigateway:REGION:[SUBDOMAIN.]SERVICE:action/NAME, or path/...
Status compile_aws(const Integration& integration, CompiledIntegration* out) {
    std::string_view rest = integration.uri;
    const auto next = [&rest] {
        const std::string_view part = rest.substr(0, rest.find(':'));
        rest.remove_prefix(std::min(part.size() + 1, rest.size()));
        return part;
    };
    if (next() != "arn" || !next().starts_with("aws") || next() != "apigateway")
        return invalid("The URI \"" + integration.uri +
                       "\" is none of an AWS integration: arn:aws:apigateway:REGION:SERVICE:action|path/...");
    out->region = next();
    std::string service(next());
    std::string subdomain;
    if (const size_t dot = service.rfind('.'); dot != std::string::npos) {
        subdomain = service.substr(0, dot);
        service = service.substr(dot + 1);
    }
    out->service = service;
    const bool proxy = integration.type == "AWS_PROXY";
    if (rest.starts_with("action/")) {
        if (proxy) return invalid("AWS_PROXY integrations call functions.");
        std::string_view action = rest.substr(std::string_view("action/").size());
        const size_t end = std::min(action.find_first_of("?&"), action.size());
        out->operation = action.substr(0, end);
        out->service_query = action.substr(std::min(end + 1, action.size()));
        if (out->operation.empty()) return invalid("The URI \"" + integration.uri + "\" names no action.");
        out->kind = Kind::service_action;
        return {};
    }
    if (!rest.starts_with("path/"))
        return invalid("The URI \"" + integration.uri + "\" has neither action/ nor path/.");
    std::string_view path = rest.substr(std::string_view("path/").size());
    constexpr std::string_view functions = "2015-03-31/functions/", invocations = "/invocations";
    if (service == "lambda" && path.starts_with(functions) && path.ends_with(invocations)) {
        path.remove_prefix(functions.size());
        path.remove_suffix(invocations.size());
        out->uri = UriPattern::parse(path);
        out->kind = proxy ? Kind::function_proxy : Kind::function;
        return {};
    }
    if (proxy) return invalid("AWS_PROXY integrations call functions.");
    // S3's "{bucket}.s3:path/{key}": the bucket before the path.
    out->uri = UriPattern::parse((subdomain.empty() ? "/" : "/" + subdomain + "/") + std::string(path));
    out->kind = Kind::service_path;
    return {};
}

Status compile_http(const Integration& integration, CompiledIntegration* out) {
    if (integration.connection_type == "VPC_LINK") return invalid("There are no VPC links here.");
    if (integration.tls_insecure)
        return invalid("Certificates are always verified: insecureSkipVerification is not served.");
    const bool named = integration.uri.starts_with("http://") || integration.uri.starts_with("https://") ||
                       integration.uri.starts_with("${stageVariables.");
    if (!named) return invalid("The URI \"" + integration.uri + "\" is no URL.");
    out->uri = UriPattern::parse(integration.uri);
    out->kind = integration.type == "HTTP_PROXY" ? Kind::http_proxy : Kind::http;
    return {};
}

Status compile_kind(const Integration& integration, CompiledIntegration* out) {
    if (integration.type == "MOCK") {
        out->kind = Kind::mock;
        return {};
    }
    if (integration.type == "AWS" || integration.type == "AWS_PROXY") return compile_aws(integration, out);
    if (integration.type == "HTTP" || integration.type == "HTTP_PROXY") return compile_http(integration, out);
    return invalid("There is no integration type \"" + integration.type + "\".");
}

CompiledResponse compile_response(const IntegrationResponse& response) {
    CompiledResponse out;
    out.response = &response;
    const std::string& code = response.status_code;
    if (std::from_chars(code.data(), code.data() + code.size(), out.status).ptr != code.data() + code.size() ||
        out.status < 200 || out.status > 599)
        out.problem = "\"" + code + "\" is no status code.";
    if (response.selection_pattern && !response.selection_pattern->empty()) {
        re2::RE2::Options options;
        options.set_log_errors(false);
        options.set_max_mem(1 << 20);
        options.set_dot_nl(true);  // messages of functions have lines
        auto selection = std::make_shared<re2::RE2>(*response.selection_pattern, options);
        if (!selection->ok())
            out.problem = "The selection pattern \"" + *response.selection_pattern + "\": " + selection->error();
        out.selection = std::move(selection);
    }
    Result<std::vector<ParameterMapping>> parameters = compile_mappings(response.parameters, "method.response");
    if (parameters.ok()) {
        out.parameters = std::move(parameters).value();
    } else {
        out.problem = parameters.error().message;
    }
    out.templates = compile_templates(response.templates);
    return out;
}

}  // namespace

CompiledIntegration compile_integration(const Method& method) {
    CompiledIntegration out;
    if (!method.integration) {
        out.problem = "No integration defined for method";
        return out;
    }
    out.integration = &*method.integration;
    const Integration& integration = *method.integration;
    if (const Status kind = compile_kind(integration, &out); !kind.ok()) {
        out.kind = Kind::broken;
        out.problem = kind.error().message;
        return out;
    }
    Result<std::vector<ParameterMapping>> parameters = compile_mappings(integration.parameters, "integration.request");
    if (!parameters.ok()) {
        out.kind = Kind::broken;
        out.problem = parameters.error().message;
        return out;
    }
    out.parameters = std::move(parameters).value();
    out.templates = compile_templates(integration.templates);
    for (const auto& [code, response] : integration.responses) out.responses.push_back(compile_response(response));
    return out;
}

}  // namespace millrace::gateway
