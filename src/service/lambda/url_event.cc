#include "src/service/lambda/url_event.h"

#include <cstdio>
#include <ctime>
#include <map>

#include <boost/json.hpp>

#include "src/aws/json.h"
#include "src/aws/query.h"
#include "src/base/base64.h"

namespace millrace::service::lambda {
namespace {

namespace json = boost::json;

json::string text(std::string_view value) {
    return json::string(value.data(), value.size());
}

bool is_text(std::string_view content_type) {
    return content_type.empty() || content_type.starts_with("text/") || content_type.starts_with("application/json") ||
           content_type.starts_with("application/xml") || content_type.starts_with("application/javascript") ||
           content_type.find("+json") != std::string_view::npos || content_type.find("+xml") != std::string_view::npos;
}

// JSON has no bytes: what a peer sends in a header or path is made UTF-8 by our own writer.
json::string clean(std::string_view value) {
    for (const char c : value) {
        if (static_cast<unsigned char>(c) < 0x80) continue;
        std::string quoted;
        aws::append_json_string(value, quoted);
        return json::parse(quoted).as_string();
    }
    return text(value);
}

bool is_utf8(std::string_view value) {
    std::string quoted;
    aws::append_json_string(value, quoted);
    boost::system::error_code bad;
    const json::value parsed = json::parse(quoted, bad);
    if (bad || !parsed.is_string()) return false;
    const json::string& back = parsed.as_string();
    return std::string_view(back.data(), back.size()) == value;
}

void add_joined(json::object& to, std::string_view name, std::string_view value) {
    json::value& slot = to[clean(name)];
    if (!slot.is_string()) {
        slot = clean(value);
        return;
    }
    slot.as_string() += ",";
    slot.as_string() += clean(value);
}

json::object headers_of(const http::RequestHead& head) {
    json::object headers;
    for (const auto& [name, value] : head.headers.fields()) {
        if (name != "cookie") add_joined(headers, name, value);
    }
    headers["x-forwarded-for"] = text(head.peer_address);
    headers["x-forwarded-proto"] = head.secure ? "https" : "http";
    const std::string_view host = head.headers.get("host");
    const size_t colon = host.rfind(':');
    headers["x-forwarded-port"] =
        colon == std::string_view::npos ? text(head.secure ? "443" : "80") : text(host.substr(colon + 1));
    return headers;
}

json::array cookies_of(const http::RequestHead& head) {
    json::array cookies;
    for (const auto& [name, value] : head.headers.fields()) {
        if (name != "cookie") continue;
        std::string_view rest = value;
        while (!rest.empty()) {
            std::string_view one = rest.substr(0, rest.find(';'));
            rest.remove_prefix(std::min(one.size() + 1, rest.size()));
            while (one.starts_with(' ')) one.remove_prefix(1);
            if (!one.empty()) cookies.push_back(clean(one));
        }
    }
    return cookies;
}

json::object query_of(const http::RequestHead& head) {
    json::object parameters;
    aws::Fields fields;
    if (!aws::parse_form(head.query, &fields)) return parameters;
    for (const auto& [name, value] : fields) add_joined(parameters, name, value);
    return parameters;
}

std::string log_time(TimestampMs time) {
    const std::time_t seconds = static_cast<std::time_t>(time.value() / 1000);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char shown[40];
    return {shown, std::strftime(shown, sizeof shown, "%d/%b/%Y:%H:%M:%S +0000", &parts)};
}

std::string plain_path(const std::string& raw) {
    std::string decoded;
    return aws::percent_decode(raw, false, &decoded) ? decoded : raw;
}

json::object context_of(const UrlRequest& request) {
    const http::RequestHead& head = request.head;
    std::string_view host = head.headers.get("host");
    host = host.substr(0, host.rfind(':'));
    json::object context{
        {"accountId", request.account.empty() ? text("anonymous") : text(request.account)},
        {"apiId", text(request.url_id)},
        {"domainName", clean(host)},
        {"domainPrefix", text(request.url_id)},
        {"http", json::object{{"method", text(head.method)},
                              {"path", clean(plain_path(head.path))},
                              {"protocol", head.version == 20   ? "HTTP/2.0"
                                           : head.version == 10 ? "HTTP/1.0"
                                                                : "HTTP/1.1"},
                              {"sourceIp", text(head.peer_address)},
                              {"userAgent", clean(head.headers.get("user-agent"))}}},
        {"requestId", text(request.request_id)},
        {"routeKey", "$default"},
        {"stage", "$default"},
        {"time", log_time(request.time)},
        {"timeEpoch", request.time.value()},
    };
    if (!request.account.empty()) {
        context["authorizer"] =
            json::object{{"iam", json::object{{"accessKey", text(request.access_key)},
                                              {"accountId", text(request.account)},
                                              {"callerId", text(request.access_key)},
                                              {"cognitoIdentity", nullptr},
                                              {"principalOrgId", nullptr},
                                              {"userArn", "arn:aws:iam::" + request.account + ":root"},
                                              {"userId", text(request.access_key)}}}};
    }
    return context;
}

http::Response bad_gateway() {
    http::Response response;
    response.status = 502;
    response.headers.add("content-type", "application/json");
    response.body = R"({"Message":"Internal Server Error"})";
    return response;
}

bool is_header_name(std::string_view name) {
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    if (name.empty()) return false;
    for (const char c : name) {
        const bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!alphanumeric && others.find(c) == std::string_view::npos) return false;
    }
    return true;
}

std::string lower(std::string_view name) {
    std::string low(name);
    for (char& c : low) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    return low;
}

std::string shown(const json::value& value) {
    if (value.is_string()) return std::string(value.as_string().data(), value.as_string().size());
    return json::serialize(value);
}

// Names and values that HTTP allows; what frames the message is the server's own.
bool add_header(http::Response& response, const std::string& name, const std::string& value) {
    if (!is_header_name(name)) return false;
    for (const char c : value) {
        if (c == '\r' || c == '\n' || c == '\0') return false;
    }
    if (name == "content-length" || name == "connection" || name == "transfer-encoding" || name == "date" ||
        name == "keep-alive" || name == "upgrade" || name == "trailer") {
        return true;
    }
    response.headers.add(name, value);
    return true;
}

bool take_apart(const json::object& object, http::Response& response) {
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
            if (!add_header(response, lower(header.key()), shown(header.value()))) return false;
        }
    }
    if (const json::value* cookies = object.if_contains("cookies"); cookies != nullptr && cookies->is_array()) {
        for (const json::value& cookie : cookies->as_array()) {
            if (!add_header(response, "set-cookie", shown(cookie))) return false;
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
    if (response.headers.find("content-type") == nullptr) response.headers.add("content-type", "application/json");
    return true;
}

}  // namespace

std::string url_event(const UrlRequest& request) {
    const bool plain = is_text(request.head.headers.get("content-type")) && is_utf8(request.body);
    json::object event{{"version", "2.0"},
                       {"routeKey", "$default"},
                       {"rawPath", clean(plain_path(request.head.path))},
                       {"rawQueryString", clean(request.head.query)}};
    if (json::array cookies = cookies_of(request.head); !cookies.empty()) event["cookies"] = std::move(cookies);
    event["headers"] = headers_of(request.head);
    if (!request.head.query.empty()) event["queryStringParameters"] = query_of(request.head);
    event["requestContext"] = context_of(request);
    if (!request.body.empty()) event["body"] = plain ? text(request.body) : text(base64_encode(request.body));
    event["isBase64Encoded"] = !request.body.empty() && !plain;
    return json::serialize(event);
}

http::Response url_response(std::string_view payload) {
    http::Response response;
    boost::system::error_code bad;
    const json::value value = json::parse(json::string_view(payload.data(), payload.size()), bad);
    if (bad) return bad_gateway();
    if (value.is_object() && value.as_object().contains("statusCode")) {
        if (take_apart(value.as_object(), response)) return response;
        return bad_gateway();
    }
    response.headers.add("content-type", "application/json");
    response.body = shown(value);  // a string goes as it is
    return response;
}

}  // namespace millrace::service::lambda
