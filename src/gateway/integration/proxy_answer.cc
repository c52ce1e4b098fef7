// What functions return, made into responses that HTTP allows.
#include <cstdlib>

#include <boost/json.hpp>

#include "src/base/base64.h"
#include "src/gateway/integration/function_response.h"
#include "src/gateway/integration/proxy_payload.h"

namespace millrace::gateway {
namespace {

namespace json = boost::json;

std::string shown(const json::value& value) {
    if (value.is_string()) return std::string(value.as_string().data(), value.as_string().size());
    return json::serialize(value);
}

bool add_multi(const json::object& object, http::Response& response) {
    const json::value* headers = object.if_contains("multiValueHeaders");
    if (headers == nullptr || !headers->is_object()) return true;
    for (const auto& header : headers->as_object()) {
        if (!header.value().is_array()) return false;
        http::Headers one;
        for (const json::value& value : header.value().as_array()) {
            if (!add_foreign_header(one, header.key(), shown(value))) return false;
        }
        if (one.size() == 0) continue;
        response.headers.remove(one.fields().front().first);  // they win over "headers"
        for (const auto& [name, value] : one.fields()) {
            response.headers.add(name, value);
        }
    }
    return true;
}

bool take_apart(const json::object& object, bool format_1_0, http::Response& response) {
    const json::value& status = object.at("statusCode");
    int64_t code = 0;
    if (status.is_int64()) {
        code = status.as_int64();
    } else if (status.is_string() && status.as_string().size() == 3) {
        code = std::atoi(status.as_string().c_str());
    }
    if (code < 200 || code > 599) return false;
    response.status = static_cast<int>(code);
    if (const json::value* headers = object.if_contains("headers"); headers != nullptr && headers->is_object()) {
        for (const auto& header : headers->as_object()) {
            if (!add_foreign_header(response.headers, header.key(), shown(header.value()))) return false;
        }
    }
    if (format_1_0) {
        if (!add_multi(object, response)) return false;
    } else if (const json::value* cookies = object.if_contains("cookies"); cookies != nullptr && cookies->is_array()) {
        for (const json::value& cookie : cookies->as_array()) {
            if (!add_foreign_header(response.headers, "set-cookie", shown(cookie))) return false;
        }
    }
    if (const json::value* body = object.if_contains("body"); body != nullptr && !body->is_null()) {
        const json::value* encoded = object.if_contains("isBase64Encoded");
        if (encoded != nullptr && encoded->is_bool() && encoded->as_bool()) {
            if (!base64_decode(shown(*body), &response.body)) return false;
        } else {
            response.body = shown(*body);
        }
    }
    if (response.headers.find("content-type") == nullptr) {
        response.headers.add("content-type", format_1_0 ? "text/plain; charset=utf-8" : "application/json");
    }
    return true;
}

}  // namespace

std::optional<http::Response> response_2_0(std::string_view payload) {
    boost::system::error_code bad;
    const json::value value = json::parse(json::string_view(payload.data(), payload.size()), bad);
    if (bad) return std::nullopt;
    std::optional<http::Response> response(std::in_place);
    if (value.is_object() && value.as_object().contains("statusCode")) {
        if (!take_apart(value.as_object(), false, *response)) return std::nullopt;
        return response;
    }
    response->headers.add("content-type", "application/json");
    response->body = shown(value);  // a string goes as it is
    return response;
}

std::optional<http::Response> response_1_0(std::string_view payload) {
    boost::system::error_code bad;
    const json::value value = json::parse(json::string_view(payload.data(), payload.size()), bad);
    if (bad || !value.is_object() || !value.as_object().contains("statusCode")) return std::nullopt;
    std::optional<http::Response> response(std::in_place);
    if (!take_apart(value.as_object(), true, *response)) return std::nullopt;
    return response;
}

}  // namespace millrace::gateway
