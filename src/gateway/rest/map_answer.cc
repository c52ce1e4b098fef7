// What an integration answered, as its method answers it.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-integration-settings-integration-response.html
#include <re2/re2.h>

#include "src/gateway/integration/function_response.h"
#include "src/gateway/rest/body.h"
#include "src/gateway/rest/engine.h"
#include "src/gateway/rest/execution_log.h"
#include "src/gateway/rest/values.h"
#include "src/gateway/text/media_types.h"

namespace millrace::gateway {
namespace {

using Kind = CompiledIntegration::Kind;

// The response whose pattern is the whole of the status (or of a failed function's message); else the default one.
const CompiledResponse* select(const CompiledIntegration& integration, const IntegrationAnswer& answer) {
    const bool of_function = integration.kind == Kind::function;
    const std::string subject = of_function ? answer.error_message : std::to_string(answer.status);
    const CompiledResponse* fallback = nullptr;
    for (const CompiledResponse& response : integration.responses) {
        if (response.selection == nullptr) {
            fallback = &response;
        } else if ((!of_function || answer.function_failed) && response.selection->ok() &&
                   re2::RE2::FullMatch(subject, *response.selection)) {
            return &response;
        }
    }
    return fallback;
}

const TemplateSet::One* chosen_template(const TemplateSet& templates, std::string_view accept) {
    if (templates.all.empty()) return nullptr;
    if (const TemplateSet::One* one = templates.find(first_accepted(accept))) return one;
    if (const TemplateSet::One* one = templates.find("application/json")) return one;
    return &templates.all.front();
}

void apply_overrides(const vtl::Value& overrides, http::Response* response) {
    if (overrides.map() == nullptr) return;
    if (const vtl::Value* status = overrides.map()->find("status")) {
        int code =
            status->integer() != nullptr ? static_cast<int>(*status->integer()) : std::atoi(status->text().c_str());
        if (code >= 200 && code <= 599) response->status = code;
    }
    const vtl::Value* headers = overrides.map()->find("header");
    if (headers == nullptr || headers->map() == nullptr) return;
    for (const auto& [name, value] : headers->map()->entries()) {
        response->headers.remove(lower_case(name));
        if (value.list() == nullptr) {
            add_foreign_header(response->headers, name, value.text());
            continue;
        }
        for (const vtl::Value& each : *value.list()) add_foreign_header(response->headers, name, each.text());
    }
}

}  // namespace

void Engine::map_answer(const CallRef& call, IntegrationAnswer answer) {
    log_endpoint_answer(*call, answer.status, answer.headers, answer.body);
    const CompiledIntegration& integration = call->method->integration;
    const CompiledResponse* mapped = select(integration, answer);
    if (mapped == nullptr)
        return misconfigured(call,
                             "No match for output mapping and no default endpoint response configured. Endpoint "
                             "Response Status Code: " +
                                 std::to_string(answer.status));
    if (!mapped->problem.empty()) return misconfigured(call, mapped->problem);

    const std::vector<std::string>& binary_types = call->stage->api().binary_media_types;
    const std::string_view accept = call->head().headers.get("accept");
    const bool binary = is_binary(binary_types, media_type_of(answer.headers.get("content-type")));
    const bool accepts_binary = is_binary(binary_types, first_accepted(accept));
    if (binary || accepts_binary || !mapped->response->content_handling.empty()) {
        std::optional<std::string> converted =
            convert_answer(std::move(answer.body), binary, accepts_binary, mapped->response->content_handling);
        if (!converted) return misconfigured(call, "Unable to base64 decode the body");
        answer.body = std::move(*converted);
    }
    http::Response response;
    response.status = mapped->status;
    response.headers.add("content-type", "application/json");
    const Payload payload(answer.body);
    const TemplateSet::One* chosen = chosen_template(mapped->templates, accept);
    std::string body;
    if (chosen != nullptr) {
        if (chosen->compiled == nullptr)
            return misconfigured(call, "The response template of " + chosen->content_type + ": " + chosen->problem);
        Result<std::string> rendered = render(*chosen->compiled, *call, payload);
        if (!rendered.ok()) {
            return misconfigured(call,
                                 "The response template of " + chosen->content_type + ": " + rendered.error().message);
        }
        body = std::move(rendered).value();
        if (chosen->content_type != "$default") response.headers.set("content-type", chosen->content_type);
    }
    for (const ParameterMapping& mapping : mapped->parameters) {
        const std::vector<std::string> values = values_of(mapping.source, *call, payload, &answer);
        if (values.empty()) continue;
        response.headers.remove(mapping.target.name);
        for (const std::string& value : values) add_foreign_header(response.headers, mapping.target.name, value);
    }
    response.body = chosen != nullptr ? std::move(body) : std::move(answer.body);
    apply_overrides(call->response_override, &response);
    finish(call, std::move(response));
}

void Engine::answer_proxied(const CallRef& call, IntegrationAnswer answer) {
    log_endpoint_answer(*call, answer.status, answer.headers, answer.body);
    http::Response response;
    response.status = answer.status;
    for (const auto& [name, value] : answer.headers.fields()) {
        if (name != "content-length") add_foreign_header(response.headers, name, value);
    }
    response.body = std::move(answer.body);
    finish(call, std::move(response));
}

void Engine::answer_function_proxy(const CallRef& call, std::string_view payload) {
    log_endpoint_answer(*call, call->integration_status, {}, payload);
    Result<FunctionResponse> parsed = parse_function_response(payload);
    if (!parsed.ok()) {
        call->integration_error = parsed.error().message;
        return refuse(call, {"DEFAULT_5XX", 502, "Internal server error", "InternalServerErrorException"});
    }
    http::Response response;
    response.status = parsed->status;
    response.headers = std::move(parsed->headers);
    response.body = std::move(parsed->body);
    const std::vector<std::string>& types = call->stage->api().binary_media_types;
    if (parsed->base64 && !types.empty()) {
        const bool wanted = is_binary(types, first_accepted(call->head().headers.get("accept"))) ||
                            is_binary(types, media_type_of(response.headers.get("content-type")));
        if (wanted) {
            std::optional<std::string> bytes =
                convert_answer(std::move(response.body), false, true, "CONVERT_TO_BINARY");
            if (!bytes) {
                call->integration_error = "Unable to base64 decode the body";
                return refuse(call, {"DEFAULT_5XX", 502, "Internal server error", "InternalServerErrorException"});
            }
            response.body = std::move(*bytes);
        }
    }
    if (response.headers.find("content-type") == nullptr) response.headers.add("content-type", "application/json");
    finish(call, std::move(response));
}

}  // namespace millrace::gateway
