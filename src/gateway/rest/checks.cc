// What a method asks of its requests: parameters that have to be there, and a body that fits its model.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
#include "src/gateway/rest/body.h"
#include "src/gateway/rest/engine.h"
#include "src/gateway/text/media_types.h"
#include "src/http/content_coding.h"

namespace millrace::gateway {
namespace {

bool is_there(const Call& call, const CompiledMethod::Required& required) {
    if (required.kind == Target::Kind::path) return call.path_parameters.contains(required.name);
    if (required.kind == Target::Kind::header) return !call.head().headers.get(lower_case(required.name)).empty();
    for (const auto& [name, value] : call.query) {
        if (name == required.name && !value.empty()) return true;
    }
    return false;
}

std::string missing_parameters(const Call& call) {
    std::string names;
    for (const CompiledMethod::Required& required : call.method->required) {
        if (!is_there(call, required)) names += (names.empty() ? "" : ", ") + required.name;
    }
    return names;
}

// What is wrong with the body, in a list; "" where it is valid, or has a type that no model is for.
std::string body_problems(const Call& call) {
    const std::string type = media_type_of(call.head().headers.get("content-type"));
    const auto& schemas = call.method->schemas;
    auto schema = schemas.find(type.empty() ? std::string("application/json") : type);
    if (schema == schemas.end()) schema = schemas.find("$default");
    if (schema == schemas.end()) return "";
    if (schema->second == nullptr) return "[the model of this content type can not be used]";
    const std::optional<vtl::Value>& value = call.payload.json();
    if (call.body.empty() || !value) return "[the body is no JSON]";
    std::string problems;
    for (const std::string& problem : schema->second->problems(*value))
        problems += (problems.empty() ? "[" : ", ") + problem;
    return problems.empty() ? problems : problems + "]";
}

}  // namespace

void Engine::check(const CallRef& call) {
    // With compression switched on, requests may come compressed.
    const std::string_view encoding = call->head().headers.get("content-encoding");
    if (call->stage->api().minimum_compression_bytes && (encoding == "gzip" || encoding == "deflate")) {
        Result<std::string> plain = http::decode_content(encoding, call->body, body_bytes_max);
        if (!plain.ok() && plain.error().code == ErrorCode::resource_exhausted) {
            return refuse(call,
                          {"REQUEST_TOO_LARGE", 413, "Request Entity Too Large", "RequestEntityTooLargeException"});
        }
        if (!plain.ok()) return refuse(call, {"BAD_REQUEST_BODY", 400, plain.error().message, "BadRequestException"});
        call->converted = std::move(*plain);
        call->body = call->converted;
    }
    call->payload = Payload(call->body);
    if (const std::string names = missing_parameters(*call); !names.empty()) {
        return refuse(call, {"BAD_REQUEST_PARAMETERS", 400, "Missing required request parameters: [" + names + "]",
                             "BadRequestException"});
    }
    if (call->method->validates_body) {
        if (std::string problems = body_problems(*call); !problems.empty()) {
            return refuse(
                call, {"BAD_REQUEST_BODY", 400, "Invalid request body", "BadRequestException", std::move(problems)});
        }
    }
    integrate(call);
}

}  // namespace millrace::gateway
