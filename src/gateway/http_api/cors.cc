#include "src/gateway/http_api/cors.h"

#include <algorithm>

namespace millrace::gateway::http_api {
namespace {

bool has(const std::vector<std::string>& list, std::string_view one) {
    return std::find(list.begin(), list.end(), one) != list.end();
}

std::string joined(const std::vector<std::string>& list) {
    std::string text;
    for (const std::string& one : list) text += (text.empty() ? "" : ",") + one;
    return text;
}

// "*", the origin itself where it is named or "https://*" covers it, or "".
std::string allowed_origin(std::string_view origin, const Cors& cors) {
    if (origin.empty()) return {};
    if (has(cors.allow_origins, "*")) return cors.allow_credentials ? std::string(origin) : "*";
    for (const std::string& allowed : cors.allow_origins) {
        const bool scheme = allowed == "https://*" || allowed == "http://*";
        if (allowed == origin || (scheme && origin.starts_with(allowed.substr(0, allowed.size() - 1)))) {
            return std::string(origin);
        }
    }
    return {};
}

void set_list(http::Response& response, std::string_view name, const std::vector<std::string>& list) {
    if (!list.empty()) response.headers.set(name, joined(list));
}

}  // namespace

bool is_preflight(const http::RequestHead& head) {
    return head.method == "OPTIONS" && head.headers.find("origin") != nullptr &&
           head.headers.find("access-control-request-method") != nullptr;
}

http::Response preflight_response(const http::RequestHead& head, const Cors& cors) {
    http::Response response;
    response.status = 204;
    add_cors(head, cors, response);
    if (response.headers.find("access-control-allow-origin") == nullptr) return response;
    set_list(response, "access-control-allow-methods", cors.allow_methods);
    set_list(response, "access-control-allow-headers", cors.allow_headers);
    if (cors.max_age_s >= 0) response.headers.set("access-control-max-age", std::to_string(cors.max_age_s));
    return response;
}

void add_cors(const http::RequestHead& head, const Cors& cors, http::Response& response) {
    for (const std::string_view name :
         {"access-control-allow-origin", "access-control-allow-credentials", "access-control-expose-headers",
          "access-control-allow-methods", "access-control-allow-headers", "access-control-max-age"}) {
        response.headers.remove(name);
    }
    const std::string origin = allowed_origin(head.headers.get("origin"), cors);
    // Which origin asks decides the answer, so a cache may not give it to another.
    if (!has(cors.allow_origins, "*") || cors.allow_credentials) response.headers.add("vary", "Origin");
    if (origin.empty()) return;
    response.headers.set("access-control-allow-origin", origin);
    if (cors.allow_credentials) response.headers.set("access-control-allow-credentials", "true");
    set_list(response, "access-control-expose-headers", cors.expose_headers);
}

}  // namespace millrace::gateway::http_api
