#include "src/service/lambda/url_cors.h"

#include <algorithm>

namespace millrace::service::lambda {
namespace {

bool has(const std::vector<std::string>& list, std::string_view one) {
    return std::find(list.begin(), list.end(), one) != list.end();
}

// "*" or the origin itself, where it is allowed; with credentials browsers take no "*".
std::string allowed_origin(const http::RequestHead& head, const function::UrlCors& cors) {
    const std::string_view origin = head.headers.get("origin");
    if (origin.empty()) return {};
    if (has(cors.allow_origins, origin)) return std::string(origin);
    if (!has(cors.allow_origins, "*")) return {};
    return cors.allow_credentials ? std::string(origin) : "*";
}

std::string joined(const std::vector<std::string>& list) {
    std::string text;
    for (const std::string& one : list) text += (text.empty() ? "" : ",") + one;
    return text;
}

}  // namespace

bool is_preflight(const http::RequestHead& head) {
    return head.method == "OPTIONS" && head.headers.find("origin") != nullptr &&
           head.headers.find("access-control-request-method") != nullptr;
}

http::Response preflight_response(const http::RequestHead& head, const function::UrlCors& cors) {
    http::Response response;
    add_cors(head, cors, response);
    if (response.headers.find("access-control-allow-origin") == nullptr) return response;
    if (!cors.allow_methods.empty()) {
        const std::string_view asked = head.headers.get("access-control-request-method");
        const bool any = has(cors.allow_methods, "*");
        if (any || has(cors.allow_methods, asked)) {
            response.headers.set("access-control-allow-methods", any ? asked : joined(cors.allow_methods));
        }
    }
    if (!cors.allow_headers.empty()) {
        const bool any = has(cors.allow_headers, "*");
        const std::string_view asked = head.headers.get("access-control-request-headers");
        response.headers.set("access-control-allow-headers", any ? std::string(asked) : joined(cors.allow_headers));
    }
    if (cors.max_age_s != 0) response.headers.set("access-control-max-age", std::to_string(cors.max_age_s));
    return response;
}

void add_cors(const http::RequestHead& head, const function::UrlCors& cors, http::Response& response) {
    for (const std::string_view name :
         {"access-control-allow-origin", "access-control-allow-credentials", "access-control-expose-headers"}) {
        response.headers.remove(name);
    }
    response.headers.add("vary", "Origin");
    const std::string origin = allowed_origin(head, cors);
    if (origin.empty()) return;
    response.headers.set("access-control-allow-origin", origin);
    if (cors.allow_credentials) response.headers.set("access-control-allow-credentials", "true");
    if (!cors.expose_headers.empty()) {
        response.headers.set("access-control-expose-headers", joined(cors.expose_headers));
    }
}

}  // namespace millrace::service::lambda
