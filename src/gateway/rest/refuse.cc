// Gateway responses: what API Gateway itself answers, and what an API's owner made of it.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
#include <charconv>

#include "src/base/json_text.h"
#include "src/gateway/integration/function_response.h"
#include "src/gateway/rest/engine.h"
#include "src/gateway/rest/values.h"
#include "src/gateway/text/media_types.h"
#include "src/vtl/template.h"

namespace millrace::gateway {
namespace {

// Gateway responses' templates are no Velocity: variables are put in, nothing else is carried out.
vtl::Limits variables_only() {
    return {.steps_max = 10'000, .output_bytes_max = 1 << 20, .loop_max = 100, .depth_max = 4};
}

std::string plain_body(const std::string& message) {
    std::string body = "{\"message\":";
    if (message.empty()) {
        body += "null";
    } else {
        append_json_string(message, body);
    }
    return body + "}";
}

const TemplateSet::One* chosen(const TemplateSet& templates, std::string_view accept) {
    if (templates.all.empty()) return nullptr;
    if (const TemplateSet::One* one = templates.find(first_accepted(accept))) return one;
    if (const TemplateSet::One* one = templates.find("application/json")) return one;
    return &templates.all.front();
}

void customise(Call& call, const CompiledGatewayResponse& custom, http::Response* response) {
    const std::string& code = custom.response->status_code;
    int status = 0;
    if (std::from_chars(code.data(), code.data() + code.size(), status).ptr == code.data() + code.size() &&
        status >= 200 && status <= 599)
        response->status = status;
    const TemplateSet::One* one = chosen(custom.templates, call.head().headers.get("accept"));
    if (one != nullptr && one->compiled != nullptr) {
        Result<std::string> body = render(*one->compiled, call, call.payload, variables_only());
        if (body.ok()) {
            response->body = std::move(body).value();
            response->headers.set("content-type", one->content_type);
        }
    }
    for (const ParameterMapping& mapping : custom.parameters) {
        if (mapping.source.of_answer) continue;
        response->headers.remove(mapping.target.name);
        for (const std::string& value : values_of(mapping.source, call, call.payload, nullptr))
            add_foreign_header(response->headers, mapping.target.name, value);
    }
}

}  // namespace

void Engine::refuse(const CallRef& call, Refusal refusal) {
    call->error_type = refusal.type;
    call->error_message = refusal.message;
    call->validation_error = std::move(refusal.validation);
    http::Response response;
    response.status = refusal.status;
    response.headers.add("content-type", "application/json");
    if (!refusal.error_type.empty()) response.headers.add("x-amzn-errortype", refusal.error_type);
    response.body = plain_body(refusal.message);
    if (call->stage != nullptr) {
        if (const CompiledGatewayResponse* custom = call->stage->gateway_response(refusal.type, refusal.status))
            customise(*call, *custom, &response);
    }
    finish(call, std::move(response));
}

void Engine::misconfigured(const CallRef& call, std::string why) {
    call->integration_error = std::move(why);
    refuse(call, {"API_CONFIGURATION_ERROR", 500, "Internal server error", "InternalServerErrorException"});
}

}  // namespace millrace::gateway
