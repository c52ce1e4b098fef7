#include "src/gateway/http_api/call.h"

#include <ctime>

#include "src/base/url_text.h"

namespace millrace::gateway::http_api {
namespace {

std::optional<std::string> find_text(const TextMap& map, std::string_view name) {
    const auto at = map.find(std::string(name));
    return at == map.end() ? std::nullopt : std::optional(at->second);
}

std::string lower(std::string_view text) {
    std::string low(text);
    for (char& c : low) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return low;
}

std::optional<std::string> header(const http::Headers& headers, std::string_view name) {
    const std::string low = lower(name);
    std::optional<std::string> joined;
    for (const auto& [field, value] : headers.fields()) {
        if (field != low) continue;
        joined = joined ? *joined + "," + value : value;
    }
    return joined;
}

std::optional<std::string> query_parameter(const http::RequestHead& head, std::string_view name) {
    Fields fields;
    std::optional<std::string> joined;
    if (!parse_form(head.query, &fields)) return joined;
    for (const auto& [field, value] : fields) {
        if (field == name) joined = joined ? *joined + "," + value : value;
    }
    return joined;
}

std::optional<std::string> request_variable(const Call& call, std::string_view name) {
    const auto take = [&](std::string_view start) {
        if (!name.starts_with(start)) return false;
        name.remove_prefix(start.size());
        return true;
    };
    if (take("header.")) return header(call.head().headers, name);
    if (take("querystring.")) return query_parameter(call.head(), name);
    if (name == "path") return call.path;
    if (take("path.")) return find_text(call.parameters, name);
    if (name == "body") return std::string(call.exchange->body());
    if (take("body.")) return body_value(call.exchange->body(), name);
    return std::nullopt;
}

std::string request_time(TimestampMs time) {
    const std::time_t seconds = static_cast<std::time_t>(time.value() / 1000);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char shown[40];
    return {shown, std::strftime(shown, sizeof shown, "%d/%b/%Y:%H:%M:%S +0000", &parts)};
}

std::string_view host_of(const Call& call) {
    const std::string_view host = call.head().headers.get("host");
    return host.substr(0, host.rfind(':'));
}

std::optional<std::string> if_any(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

std::optional<std::string> response_variable(const http::Response& answer, std::string_view name) {
    if (name.starts_with("header.")) return header(answer.headers, name.substr(7));
    if (name == "body") return answer.body;
    if (name.starts_with("body.")) return body_value(answer.body, name.substr(5));
    return std::nullopt;
}

}  // namespace

http::Response message(int status, std::string_view text) {
    http::Response response;
    response.status = status;
    response.headers.add("content-type", "application/json");
    response.body = "{\"message\":\"" + std::string(text) + "\"}";
    return response;
}

ProxyRequest proxy_request(const Call& call, const http::RequestHead& head) {
    ProxyRequest request{
        head,           call.exchange->body(), call.api->scope.account, call.api->id,     call.request_id,
        call.received,  call.route->key,       call.stage->name,        &call.parameters, &call.stage->variables,
        call.authorizer};
    request.account_of_caller = call.account_of_caller;
    request.access_key = call.access_key;
    return request;
}

std::optional<std::string> context_variable(const Call& call, std::string_view name) {
    const http::RequestHead& head = call.head();
    if (name == "authorizer.error") return if_any(call.error);
    if (name.starts_with("authorizer.claims."))
        name.remove_prefix(18);
    else if (name.starts_with("authorizer.jwt.claims."))
        name.remove_prefix(22);
    else if (name.starts_with("authorizer."))
        name.remove_prefix(11);
    else if (name == "requestId" || name == "extendedRequestId")
        return call.request_id;
    else if (name == "accountId")
        return call.api->scope.account;
    else if (name == "apiId")
        return call.api->id;
    else if (name == "stage")
        return call.stage->name;
    else if (name == "domainName")
        return std::string(host_of(call));
    else if (name == "domainPrefix")
        return std::string(host_of(call).substr(0, host_of(call).find('.')));
    else if (name == "httpMethod")
        return head.method;
    else if (name == "path")
        return head.path;
    else if (name == "protocol")
        return head.version == 20 ? "HTTP/2.0" : head.version == 10 ? "HTTP/1.0" : "HTTP/1.1";
    else if (name == "routeKey")
        return call.route == nullptr ? std::nullopt : if_any(call.route->key);
    else if (name == "requestTime")
        return request_time(call.received);
    else if (name == "requestTimeEpoch")
        return std::to_string(call.received.value());
    else if (name == "identity.sourceIp")
        return head.peer_address;
    else if (name == "identity.userAgent")
        return header(head.headers, "user-agent");
    else if (name == "identity.accountId")
        return if_any(call.account_of_caller);
    else if (name == "identity.caller" || name == "identity.user")
        return if_any(call.access_key);
    else if (name == "integrationStatus" || name == "integration.status") {
        return call.integration_status == 0 ? std::nullopt : std::optional(std::to_string(call.integration_status));
    } else if (name == "integrationErrorMessage" || name == "integration.error" || name == "error.message") {
        return if_any(call.error);
    } else if (name == "integrationLatency" || name == "integration.latency") {
        if (call.integration_ended_ns == 0) return std::nullopt;
        return std::to_string((call.integration_ended_ns - call.integration_started_ns) / 1'000'000);
    } else {
        return std::nullopt;
    }
    return find_text(call.authorizer_values, name);  // what stands after "authorizer."
}

Variables variables_of(const Call& call, const http::Response* answer) {
    return [&call, answer](std::string_view name) -> std::optional<std::string> {
        if (name.starts_with("request.")) return request_variable(call, name.substr(8));
        if (name.starts_with("context.")) return context_variable(call, name.substr(8));
        if (name.starts_with("stageVariables.")) return find_text(call.stage->variables, name.substr(15));
        if (answer != nullptr && name.starts_with("response.")) return response_variable(*answer, name.substr(9));
        return std::nullopt;
    };
}

void map_response(const Call& call, http::Response& response) {
    if (call.integration == nullptr) return;
    const auto at = call.integration->response_parameters.find(std::to_string(response.status));
    if (at == call.integration->response_parameters.end()) return;
    http::Response before;  // what expressions see is the integration's own answer
    before.headers = response.headers;
    before.body = response.body;
    const Variables variables = variables_of(call, &before);
    for (const auto& [key, expression] : at->second) {
        const std::string_view place = key;
        const std::string value = evaluate(expression, variables).value_or("");
        if (place == "overwrite:statuscode") {
            const int status = std::atoi(value.c_str());
            if (status >= 200 && status <= 599) response.status = status;
            continue;
        }
        const size_t dot = place.find(".");
        if (dot == std::string_view::npos) continue;
        const std::string name = lower(place.substr(dot + 1));
        if (place.starts_with("remove:")) {
            response.headers.remove(name);
            continue;
        }
        if (value.empty() || value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) continue;
        if (place.starts_with("overwrite:")) {
            response.headers.set(name, value);
        } else {
            response.headers.add(name, value);
        }
    }
}

}  // namespace millrace::gateway::http_api
