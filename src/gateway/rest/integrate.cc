// The request as its integration wants it, and the call.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-integration-settings.html
#include <re2/re2.h>

#include "src/gateway/integration/function_response.h"
#include "src/gateway/rest/body.h"
#include "src/gateway/rest/engine.h"
#include "src/gateway/rest/values.h"
#include "src/gateway/text/media_types.h"

namespace millrace::gateway {
namespace {

using Kind = CompiledIntegration::Kind;

void apply(const ParameterMapping& mapping, const std::vector<std::string>& values, MappedRequest* out) {
    if (values.empty()) return;
    switch (mapping.target.kind) {
        case Target::Kind::path:
            out->path[mapping.target.name] = values.back();
            out->rests.erase(mapping.target.name);
            return;
        case Target::Kind::query:
        case Target::Kind::multi_query:
            std::erase_if(out->query, [&](const auto& field) { return field.first == mapping.target.name; });
            for (const std::string& value : values) out->query.emplace_back(mapping.target.name, value);
            return;
        case Target::Kind::header:
        case Target::Kind::multi_header:
            out->headers.remove(mapping.target.name);
            for (const std::string& value : values) add_foreign_header(out->headers, mapping.target.name, value);
            return;
    }
}

// A name of $context.requestOverride, with its text or its list of texts.
std::vector<std::string> texts_of(const vtl::Value& value) {
    std::vector<std::string> texts;
    if (const vtl::List* list = value.list()) {
        for (const vtl::Value& each : *list) texts.push_back(each.text());
    } else {
        texts.push_back(value.text());
    }
    return texts;
}

void apply_overrides(const vtl::Value& overrides, MappedRequest* out) {
    if (overrides.map() == nullptr) return;
    const std::pair<const char*, Target::Kind> parts[] = {
        {"path", Target::Kind::path}, {"querystring", Target::Kind::query}, {"header", Target::Kind::header}};
    for (const auto& [name, kind] : parts) {
        const vtl::Value* part = overrides.map()->find(name);
        if (part == nullptr || part->map() == nullptr) continue;
        for (const auto& [parameter, value] : part->map()->entries()) {
            ParameterMapping mapping;
            mapping.target = {kind, kind == Target::Kind::header ? lower_case(parameter) : parameter};
            apply(mapping, texts_of(value), out);
        }
    }
}

}  // namespace

void Engine::integrate(const CallRef& call) {
    const CompiledIntegration& integration = call->method->integration;
    if (integration.kind == Kind::broken) return misconfigured(call, integration.problem);
    call->integration_begun = std::chrono::steady_clock::now();
    MappedRequest mapped;
    if (integration.kind != Kind::function_proxy && !map_request(call, &mapped)) return;
    switch (integration.kind) {
        case Kind::mock:
            return call_mock(call, mapped);
        case Kind::function_proxy:
        case Kind::function:
            return call_function(call, std::move(mapped));
        case Kind::service_action:
        case Kind::service_path:
            return call_service(call, std::move(mapped));
        case Kind::http_proxy:
        case Kind::http:
            return call_http(call, std::move(mapped));
        case Kind::broken:
            return;
    }
}

// False where the request was refused.
bool Engine::map_request(const CallRef& call, MappedRequest* out) {
    const CompiledIntegration& integration = call->method->integration;
    const http::RequestHead& head = call->head();
    const std::string type = media_type_of(head.headers.get("content-type"));

    // A body is binary by its Content-Type; contentHandling bends it before templates see it.
    const bool binary = !type.empty() && is_binary(call->stage->api().binary_media_types, type);
    if (!integration.integration->content_handling.empty()) {
        std::optional<std::string> converted =
            convert_request(std::string(call->body), binary, integration.integration->content_handling);
        if (!converted) {
            refuse(call, {"BAD_REQUEST_BODY", 400, "Unable to base64 decode the body", "BadRequestException"});
            return false;
        }
        call->converted = std::move(*converted);
        call->body = call->converted;
        call->payload = Payload(call->body);
    }
    if (integration.kind == Kind::http_proxy) {
        for (const auto& [name, value] : head.headers.fields()) {
            if (name != "host") add_foreign_header(out->headers, name, value);
        }
        out->query = call->query;
        out->path = call->path_parameters;
        out->rests.insert(call->rest_name);
    }
    for (const ParameterMapping& mapping : integration.parameters) {
        if (mapping.source.of_answer) continue;
        apply(mapping, values_of(mapping.source, *call, call->payload, nullptr), out);
        const bool is_rest = mapping.source.kind == Source::Kind::path && mapping.source.name == call->rest_name;
        if (is_rest && mapping.target.kind == Target::Kind::path) out->rests.insert(mapping.target.name);
    }
    const TemplateSet::One* chosen = nullptr;
    if (integration.kind != Kind::http_proxy) {
        chosen = integration.templates.find(type.empty() ? "application/json" : type);
        const std::string& passthrough = integration.integration->passthrough;
        const bool refused =
            passthrough == "NEVER" || (passthrough == "WHEN_NO_TEMPLATES" && !integration.templates.all.empty());
        if (chosen == nullptr && refused) {
            refuse(call, {"UNSUPPORTED_MEDIA_TYPE", 415, "Unsupported Media Type", "BadRequestException"});
            return false;
        }
    }
    if (chosen == nullptr) {
        out->body = call->body;
    } else if (chosen->compiled == nullptr) {
        misconfigured(call, "The request template of " + chosen->content_type + ": " + chosen->problem);
        return false;
    } else {
        Result<std::string> body = render(*chosen->compiled, *call, call->payload);
        if (!body.ok()) {
            misconfigured(call, "The request template of " + chosen->content_type + ": " + body.error().message);
            return false;
        }
        // As AWS: a template that reads JSON refuses what is none, one that passes $input.body on does not.
        if (call->payload.was_no_json()) {
            refuse(call, {"BAD_REQUEST_BODY", 400, "Could not parse request body into json", "BadRequestException"});
            return false;
        }
        out->body = std::move(body).value();
    }
    apply_overrides(call->request_override, out);
    return true;
}

std::string Engine::filled(const Call& call, const UriPattern& uri, const MappedRequest& mapped, bool encode) const {
    using PieceKind = UriPattern::Piece::Kind;
    std::string out;
    for (const UriPattern::Piece& piece : uri.pieces) {
        if (piece.kind == PieceKind::text) {
            out += piece.text;
        } else if (piece.kind == PieceKind::stage_variable) {
            const TextMap& variables = call.stage->stage().variables;
            if (const auto found = variables.find(piece.text); found != variables.end()) out += found->second;
        } else {
            const auto found = mapped.path.find(piece.text);
            if (found == mapped.path.end()) continue;
            // A slash in a parameter is one of the value, not of the path; {name+} alone has slashes of its own.
            if (!encode) {
                out += found->second;
            } else {
                out += mapped.rests.contains(piece.text) ? encode_rest(call.rest) : percent_encode(found->second);
            }
        }
    }
    return out;
}

void Engine::begin_integration(const CallRef& call) {
    const int64_t timeout_ms = call->method->integration.integration->timeout_ms;
    call->deadline = deadlines_->add(timeout_ms, [this, waiting = std::weak_ptr<Call>(call)] {
        const CallRef late = waiting.lock();
        if (late == nullptr) return;
        ended(late, [this](const CallRef& call) {
            refuse(call, {"INTEGRATION_TIMEOUT", 504, "Endpoint request timed out", "InternalServerErrorException"});
        });
    });
}

void Engine::ended(const CallRef& call, std::function<void(const CallRef&)> then) {
    if (call->integrated.exchange(true)) return;
    call->exchange->post([this, call, then = std::move(then)] {
        deadlines_->remove(call->deadline);
        call->integration_ms = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                                     call->integration_begun)
                                   .count();
        then(call);
    });
}

void Engine::run(const CallRef& call, size_t bytes, std::function<void()> step) {
    if (bytes <= io_thread_bytes_max) return step();
    if (!heavy_->submit(std::move(step)))
        refuse(call, {"DEFAULT_5XX", 503, "Service Unavailable", "ServiceUnavailableException"});
}

void Engine::call_mock(const CallRef& call, const MappedRequest& mapped) {
    std::optional<vtl::Value> request = vtl::parse_json(mapped.body);
    // AWS reads {statusCode: 200} as well, which its CDK writes for preflights.
    static const re2::RE2 bare(R"(\s*\{\s*'?statusCode'?\s*:\s*(\d{3})\s*\}\s*)");
    if (int64_t code = 0; !request && re2::RE2::FullMatch(mapped.body, bare, &code)) {
        auto map = std::make_shared<vtl::Map>();
        map->put("statusCode", code);
        request = vtl::Value(std::move(map));
    }
    const vtl::Value* status = request && request->map() != nullptr ? request->map()->find("statusCode") : nullptr;
    IntegrationAnswer answer;
    answer.status = 0;
    if (status != nullptr && status->integer() != nullptr) answer.status = static_cast<int>(*status->integer());
    if (status != nullptr && status->string() != nullptr) answer.status = std::atoi(status->string()->c_str());
    if (answer.status < 100 || answer.status > 599)
        return misconfigured(call, "The request of a MOCK integration has to be {\"statusCode\": ...}");
    call->integration_ms = 0;
    map_answer(call, std::move(answer));
}

}  // namespace millrace::gateway
