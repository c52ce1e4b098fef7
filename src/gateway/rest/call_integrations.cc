// The calls: functions, AWS operations, URLs. What answers from other threads comes back by Engine::ended.
#include <algorithm>

#include "src/base/service_call.h"
#include "src/function/functions.h"
#include "src/gateway/integration/function_event.h"
#include "src/gateway/rest/body.h"
#include "src/gateway/rest/engine.h"
#include "src/gateway/rest/execution_log.h"
#include "src/http/outbound/outbound.h"

namespace millrace::gateway {
namespace {

using Kind = CompiledIntegration::Kind;

// The sentence of a function's error object.
std::string error_message_of(const std::string& payload) {
    const std::optional<vtl::Value> error = vtl::parse_json(payload);
    if (!error || error->map() == nullptr) return payload;
    const vtl::Value* message = error->map()->find("errorMessage");
    return message == nullptr || message->is_null() ? std::string() : message->text();
}

bool is_json(std::string_view text) {
    return vtl::parse_json(text).has_value();
}

const std::string* field(const http::Headers& headers, std::string_view name) {
    return headers.find(name);
}

// Whether a client's value would lead out of the path that the URL's owner put it into.
bool leads_elsewhere(const UriPattern& uri, const MappedRequest& mapped) {
    return std::any_of(uri.pieces.begin(), uri.pieces.end(), [&](const UriPattern::Piece& piece) {
        if (piece.kind != UriPattern::Piece::Kind::parameter) return false;
        const auto found = mapped.path.find(piece.text);
        return found != mapped.path.end() && has_dot_segment(found->second);
    });
}

std::string url_of(std::string filled, const Fields& query) {
    if (query.empty()) return filled;
    filled += filled.find('?') == std::string::npos ? '?' : '&';
    return filled + query_text(query);
}

}  // namespace

void Engine::call_function(const CallRef& call, MappedRequest mapped) {
    const CompiledIntegration& integration = call->method->integration;
    const RestApi& api = call->stage->api();
    const bool proxy = integration.kind == Kind::function_proxy;
    const std::string named = filled(*call, integration.uri, mapped, false);
    Result<function::FunctionName> name = function::parse_function_name({api.scope.account, integration.region}, named);
    if (!name.ok()) return misconfigured(call, "\"" + named + "\" names no function");
    // Another account's functions would have to be opened by their owner's policy: not served.
    if (name->scope.account != api.scope.account)
        return misconfigured(call, "Invalid permissions on Lambda function: it is another account's");

    function::Invocation invocation;
    invocation.function = std::move(name).value();
    invocation.payload = proxy ? function_event(*call) : std::move(mapped.body);
    if (invocation.payload.empty()) invocation.payload = "{}";
    invocation.trace_header = call->trace_id;
    if (!proxy && !is_json(invocation.payload)) {
        return refuse(call, {"DEFAULT_4XX", 400, "Could not parse request body into json", "BadRequestException"});
    }
    log_endpoint_request(*call, integration.integration->uri, mapped.headers, invocation.payload);
    begin_integration(call);
    const std::string* type = field(mapped.headers, "x-amz-invocation-type");
    if (type != nullptr && *type == "Event") {
        auto later = std::make_shared<function::Invocation>(std::move(invocation));
        const bool taken = turns_.submit("", [this, call, later] {
            const Result<std::string> id = parts_.invoke_later(std::move(*later));
            ended(call, [this, ok = id.ok(), why = id.ok() ? std::string() : id.error().message](const CallRef& call) {
                if (!ok) return misconfigured(call, why);
                IntegrationAnswer answer;
                answer.status = 202;
                map_answer(call, std::move(answer));
            });
        });
        if (!taken)
            ended(call, [this](const CallRef& call) { misconfigured(call, "Too many calls wait to be written down"); });
        return;
    }
    parts_.invoke(std::move(invocation), [this, call, proxy](Result<function::InvocationResult> result) {
        auto said = std::make_shared<Result<function::InvocationResult>>(std::move(result));
        ended(call, [this, proxy, said](const CallRef& call) {
            if (!said->ok()) return misconfigured(call, said->error().message);
            function::InvocationResult& returned = **said;
            call->integration_request_id = returned.request_id;
            call->integration_status = 200;
            const bool failed = !returned.function_error.empty();
            if (proxy && failed) {
                call->integration_error = "The function failed: " + error_message_of(returned.payload);
                return refuse(call, {"DEFAULT_5XX", 502, "Internal server error", "InternalServerErrorException"});
            }
            if (proxy)
                return run(call, returned.payload.size(),
                           [this, call, said] { answer_function_proxy(call, (*said)->payload); });
            IntegrationAnswer answer;
            answer.function_failed = failed;
            answer.headers.add("content-type", "application/json");
            answer.body = std::move(returned.payload);
            if (failed) answer.error_message = error_message_of(answer.body);
            const size_t bytes = answer.body.size();
            auto kept = std::make_shared<IntegrationAnswer>(std::move(answer));
            run(call, bytes, [this, call, kept] { map_answer(call, std::move(*kept)); });
        });
    });
}

void Engine::call_service(const CallRef& call, MappedRequest mapped) {
    const CompiledIntegration& integration = call->method->integration;
    ServiceCall asked;
    asked.scope = {call->stage->api().scope.account, integration.region};
    asked.service = integration.service;
    asked.body = std::move(mapped.body);
    for (const auto& [name, value] : mapped.headers.fields()) asked.headers.emplace_back(name, value);
    if (integration.kind == Kind::service_action) {
        asked.operation = integration.operation;
    } else {
        asked.method =
            integration.integration->http_method == "ANY" ? call->head().method : integration.integration->http_method;
        asked.path = filled(*call, integration.uri, mapped, true);
        asked.query = query_text(mapped.query);
        if (const size_t mark = asked.path.find('?'); mark != std::string::npos) {
            asked.query = asked.path.substr(mark + 1) + (asked.query.empty() ? "" : "&") + asked.query;
            asked.path.resize(mark);
        }
        if (field(mapped.headers, "content-type") == nullptr && !asked.body.empty())
            asked.headers.emplace_back("content-type", "application/json");
    }
    log_endpoint_request(*call, integration.integration->uri, mapped.headers, asked.body);
    begin_integration(call);
    parts_.caller.call(std::move(asked), [this, call](ServiceAnswer said) {
        auto moved = std::make_shared<ServiceAnswer>(std::move(said));
        ended(call, [this, moved](const CallRef& call) {
            IntegrationAnswer answer;
            answer.status = moved->status;
            answer.body = std::move(moved->body);
            for (const auto& [name, value] : moved->headers) answer.headers.add(name, value);
            call->integration_status = answer.status;
            call->integration_request_id = answer.headers.get("x-amzn-requestid");
            const size_t bytes = answer.body.size();
            auto kept = std::make_shared<IntegrationAnswer>(std::move(answer));
            run(call, bytes, [this, call, kept] { map_answer(call, std::move(*kept)); });
        });
    });
}

void Engine::call_http(const CallRef& call, MappedRequest mapped) {
    const CompiledIntegration& integration = call->method->integration;
    if (leads_elsewhere(integration.uri, mapped))
        return refuse(call, {"DEFAULT_4XX", 400, "Bad Request", "BadRequestException"});
    auto request = std::make_shared<http::OutboundRequest>();
    auto body = std::make_shared<std::string>(std::move(mapped.body));
    const std::string& method = integration.integration->http_method;
    request->method = method.empty() || method == "ANY" ? call->head().method : method;
    request->url = url_of(filled(*call, integration.uri, mapped, true), mapped.query);
    const bool proxy = integration.kind == Kind::http_proxy;
    for (const auto& [name, value] : mapped.headers.fields()) {
        if (name != "expect" && !http::is_hop_by_hop(name) && !(proxy && name == "accept-encoding"))
            request->headers.add(name, value);
    }
    if (!proxy) {
        if (request->headers.find("accept") == nullptr) request->headers.add("accept", "application/json");
        if (request->headers.find("content-type") == nullptr && !body->empty())
            request->headers.add("content-type", "application/json");
        if (request->headers.find("user-agent") == nullptr)
            request->headers.add("user-agent", "AmazonAPIGateway_" + call->place.api_id);
    }
    request->first_byte_ms_max = request->total_ms_max =
        static_cast<uint32_t>(std::max(integration.integration->timeout_ms, 50));
    request->response_bytes_max = body_bytes_max;
    log_endpoint_request(*call, request->url, request->headers, *body);
    begin_integration(call);
    const bool taken = turns_.submit(host_of_url(request->url), [this, call, request, body] {
        if (call->integrated.load()) return;  // its time was over before its turn
        request->body = *body;
        auto said = std::make_shared<Result<http::OutboundResponse>>(parts_.outbound.call(*request));
        ended(call, [this, said](const CallRef& call) {
            if (!said->ok()) {
                call->integration_error = said->error().message;
                if (said->error().code == ErrorCode::deadline_exceeded)
                    return refuse(call, {"INTEGRATION_TIMEOUT", 504, "Endpoint request timed out",
                                         "InternalServerErrorException"});
                if (said->error().code == ErrorCode::permission_denied ||
                    said->error().code == ErrorCode::invalid_argument)
                    return misconfigured(call, said->error().message);
                return refuse(call,
                              {"INTEGRATION_FAILURE", 504, "Internal server error", "InternalServerErrorException"});
            }
            IntegrationAnswer answer;
            answer.status = (*said)->status;
            answer.headers = std::move((*said)->headers);
            answer.body = std::move((*said)->body);
            call->integration_status = answer.status;
            if (call->method->integration.kind == Kind::http_proxy) return answer_proxied(call, std::move(answer));
            const size_t bytes = answer.body.size();
            auto kept = std::make_shared<IntegrationAnswer>(std::move(answer));
            run(call, bytes, [this, call, kept] { map_answer(call, std::move(*kept)); });
        });
    });
    if (!taken) ended(call, [this](const CallRef& call) { misconfigured(call, "Too many HTTP integrations wait"); });
}

}  // namespace millrace::gateway
