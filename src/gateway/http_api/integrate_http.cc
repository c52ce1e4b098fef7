// HTTP_PROXY: the request goes on to a URL, with what the request parameters change of it.
#include "src/gateway/http_api/plane.h"
#include "src/gateway/http_api/request_mapping.h"
#include "src/gateway/text/uri.h"

namespace millrace::gateway::http_api {
namespace {

// "https://host/{proxy}" with the path's parameters and the stage's variables in it. nullopt: a parameter would lead
// out of the path that it is put into.
std::optional<std::string> url_of(const Call& call) {
    const Variables variables = variables_of(call);
    const std::string text = evaluate(call.integration->uri, [&](std::string_view name) {
                                 return name.starts_with("stageVariables.") ? variables(name) : std::nullopt;
                             }).value_or("");
    std::string url;
    std::string_view rest = text;
    while (!rest.empty()) {
        const size_t at = rest.find('{');
        const size_t end = at == std::string_view::npos ? at : rest.find('}', at);
        if (end == std::string_view::npos) break;
        url += rest.substr(0, at);
        const auto parameter = call.parameters.find(std::string(rest.substr(at + 1, end - at - 1)));
        if (parameter != call.parameters.end()) {
            if (has_dot_segment(parameter->second)) return std::nullopt;
            url += path_text(call, parameter->first);
        }
        rest.remove_prefix(end + 1);
    }
    url += rest;
    return url;
}

void replace_path(std::string& url, std::string_view path) {
    const size_t host = url.find("://");
    const size_t at = host == std::string::npos ? host : url.find('/', host + 3);
    if (at != std::string::npos) url.resize(at);
    url += path;
}

struct Outgoing {
    std::string url;
    http::Headers headers;
};

// nullopt: its path would lead elsewhere.
std::optional<Outgoing> outgoing(const Call& call) {
    Outgoing out;
    const MappedRequest mapped = map_request(call);
    std::optional<std::string> url = url_of(call);
    if (!url || (mapped.path && has_dot_segment(percent_decode(*mapped.path)))) return std::nullopt;
    out.url = std::move(*url);
    if (mapped.path) replace_path(out.url, *mapped.path);
    if (!mapped.query.empty()) {
        out.url += out.url.find('?') == std::string::npos ? '?' : '&';
        out.url += mapped.query;
    }
    for (const auto& [name, value] : mapped.headers.fields()) {
        if (name != "host" && name != "expect" && !http::is_hop_by_hop(name)) out.headers.add(name, value);
    }
    out.headers.add("forwarded", "for=" + call.head().peer_address +
                                     ";host=" + std::string(call.head().headers.get("host")) +
                                     ";proto=" + (call.head().secure ? "https" : "http"));
    return out;
}

http::Response response_of(Result<http::OutboundResponse> result, std::string* error) {
    if (!result.ok()) {
        *error = result.error().message;
        const bool late =
            result.error().code == ErrorCode::deadline_exceeded || result.error().code == ErrorCode::unavailable;
        return late ? message(503, "Service Unavailable") : message(500, "Internal Server Error");
    }
    http::Response response;
    response.status = result->status;
    for (const auto& [name, value] : result->headers.fields()) {
        if (!http::is_hop_by_hop(name) && name != "date") response.headers.add(name, value);
    }
    response.body = std::move(result->body);
    return response;
}

}  // namespace

void call_url(Plane& plane, const CallRef& call) {
    const auto out = std::make_shared<std::optional<Outgoing>>(outgoing(*call));
    if (!*out) return finish(plane, call, message(400, "Bad Request"));
    const bool taken = plane.outward->submit(host_of_url((*out)->url), [&plane, call, out] {
        if (call->answered) return;
        http::OutboundRequest request;
        const std::string& method = call->integration->method;
        request.method = method.empty() || method == "ANY" ? call->head().method : method;
        request.url = std::move((*out)->url);
        request.headers = std::move((*out)->headers);
        request.body = call->exchange->body();
        request.first_byte_ms_max = static_cast<uint32_t>(call->integration->timeout_ms);
        request.total_ms_max = static_cast<uint32_t>(call->integration->timeout_ms);
        request.response_bytes_max = payload_bytes_max;
        request.decode = false;  // what the client accepts is the client's to say
        std::string error;
        http::Response response = response_of(plane.parts.outbound.call(request), &error);
        integrated(plane, call, std::move(response), std::move(error));
    });
    if (!taken) finish(plane, call, message(503, "Service Unavailable"));
}

}  // namespace millrace::gateway::http_api
