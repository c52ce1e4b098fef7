#include "src/gateway/http_api/plane.h"
#include "src/gateway/http_api/request_mapping.h"

namespace millrace::gateway::http_api {

namespace {

std::string payload_of(const Call& call, bool format_1_0) {
    http::RequestHead head = call.head();
    MappedRequest mapped = map_request(call);
    head.headers = std::move(mapped.headers);
    head.query = std::move(mapped.query);
    if (mapped.path) head.path = std::move(*mapped.path);
    const ProxyRequest request = proxy_request(call, head);
    return format_1_0 ? payload_1_0(request) : payload_2_0(request);
}

}  // namespace

void call_function(Plane& plane, const CallRef& call) {
    const auto failed = [&](std::string why) {
        finish(plane, call, message(500, "Internal Server Error"), std::move(why));
    };
    const std::optional<std::string> uri = evaluate(call->integration->uri, variables_of(*call));
    const std::optional<std::string> arn = uri ? function_arn_of(*uri) : std::nullopt;
    if (!arn) return failed("the integration's URI names no function");
    Result<function::FunctionName> name = function::parse_function_name(call->api->scope, *arn);
    if (!name.ok()) return failed(name.error().message);
    // Another account's functions would have to be opened by their owner's policy: not served.
    if (name->scope.account != call->api->scope.account) return failed("the function is another account's");
    const bool format_1_0 = call->integration->payload_version == "1.0";
    function::Invocation invocation;
    invocation.function = std::move(name).value();
    invocation.payload = payload_of(*call, format_1_0);
    invocation.trace_header = call->head().headers.get("x-amzn-trace-id");
    if (invocation.payload.size() > 6 << 20) {  // what a function takes, base64 included
        return finish(plane, call, message(413, "Request Entity Too Large"));
    }
    plane.parts.invoke(std::move(invocation), [&plane, call, format_1_0](Result<function::InvocationResult> result) {
        if (!result.ok()) {
            const bool busy =
                result.error().code == ErrorCode::resource_exhausted || result.error().code == ErrorCode::unavailable;
            return integrated(plane, call,
                              busy ? message(503, "Service Unavailable") : message(500, "Internal Server Error"),
                              result.error().message);
        }
        std::optional<http::Response> response;
        std::string error;
        if (result->function_error.empty()) {
            response = format_1_0 ? response_1_0(result->payload) : response_2_0(result->payload);
            if (!response) error = "the function's answer is none that the gateway understands";
        } else {
            error = "the function failed: " + result->payload.substr(0, 512);
        }
        integrated(plane, call, response ? std::move(*response) : message(500, "Internal Server Error"),
                   std::move(error));
    });
}

}  // namespace millrace::gateway::http_api
