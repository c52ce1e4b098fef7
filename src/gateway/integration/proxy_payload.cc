#include "src/gateway/integration/proxy_payload.h"

#include <ctime>

#include <boost/json.hpp>

#include "src/base/base64.h"
#include "src/base/json_text.h"
#include "src/base/url_text.h"
#include "src/gateway/text/shown_headers.h"

namespace millrace::gateway {
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
        append_json_string(value, quoted);
        return json::parse(quoted).as_string();
    }
    return text(value);
}

bool is_utf8(std::string_view value) {
    std::string quoted;
    append_json_string(value, quoted);
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

// One value a name, the last; and all of them.
void add_multi(json::object& last, json::object& all, std::string_view name, std::string_view value) {
    const json::string key = clean(name);
    last[key] = clean(value);
    json::value& slot = all[key];
    if (!slot.is_array()) slot.emplace_array();
    slot.as_array().push_back(clean(value));
}

std::string_view port_of(const http::RequestHead& head) {
    const std::string_view host = head.headers.get("host");
    const size_t colon = host.rfind(':');
    if (colon == std::string_view::npos) return head.secure ? "443" : "80";
    return host.substr(colon + 1);
}

void add_forwarded(const http::RequestHead& head, json::object& headers) {
    headers["x-forwarded-for"] = text(head.peer_address);
    headers["x-forwarded-proto"] = head.secure ? "https" : "http";
    headers["x-forwarded-port"] = clean(port_of(head));
}

json::object headers_of(const http::RequestHead& head) {
    json::object headers;
    for (const auto& [name, value] : head.headers.fields()) {
        if (name != "cookie" && !ends_here(name)) add_joined(headers, name, value);
    }
    add_forwarded(head, headers);
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
    Fields fields;
    if (!parse_form(head.query, &fields)) return parameters;
    for (const auto& [name, value] : fields) add_joined(parameters, name, value);
    return parameters;
}

json::object texts(const std::map<std::string, std::string>& map) {
    json::object object;
    for (const auto& [name, value] : map) object[clean(name)] = clean(value);
    return object;
}

json::value texts_or_null(const std::map<std::string, std::string>* map) {
    if (map == nullptr || map->empty()) return nullptr;
    return texts(*map);
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
    return percent_decode(raw, false, &decoded) ? decoded : raw;
}

const char* protocol_of(const http::RequestHead& head) {
    if (head.version == 20) return "HTTP/2.0";
    return head.version == 10 ? "HTTP/1.0" : "HTTP/1.1";
}

std::string_view domain_of(const http::RequestHead& head) {
    const std::string_view host = head.headers.get("host");
    return host.substr(0, host.rfind(':'));
}

json::value authorizer_of(const ProxyRequest& request) {
    boost::system::error_code bad;
    json::value parsed = json::parse(request.authorizer, bad);
    return bad ? json::value(json::object{}) : parsed;
}

json::object context_2_0(const ProxyRequest& request) {
    const http::RequestHead& head = request.head;
    const std::string_view domain = domain_of(head);
    json::object context{
        {"accountId", text(request.account)},
        {"apiId", text(request.api_id)},
        {"domainName", clean(domain)},
        {"domainPrefix", clean(domain.substr(0, domain.find('.')))},
        {"http", json::object{{"method", text(head.method)},
                              {"path", clean(plain_path(head.path))},
                              {"protocol", protocol_of(head)},
                              {"sourceIp", text(head.peer_address)},
                              {"userAgent", clean(head.headers.get("user-agent"))}}},
        {"requestId", text(request.request_id)},
        {"routeKey", clean(request.route_key)},
        {"stage", text(request.stage)},
        {"time", log_time(request.time)},
        {"timeEpoch", request.time.value()},
    };
    if (!request.authorizer.empty()) context["authorizer"] = authorizer_of(request);
    return context;
}

json::object event_2_0(const ProxyRequest& request) {
    json::object event{{"version", "2.0"},
                       {"routeKey", clean(request.route_key)},
                       {"rawPath", clean(plain_path(request.head.path))},
                       {"rawQueryString", clean(request.head.query)}};
    if (json::array cookies = cookies_of(request.head); !cookies.empty()) event["cookies"] = std::move(cookies);
    event["headers"] = headers_of(request.head);
    if (!request.head.query.empty()) event["queryStringParameters"] = query_of(request.head);
    event["requestContext"] = context_2_0(request);
    if (request.path_parameters != nullptr && !request.path_parameters->empty()) {
        event["pathParameters"] = texts(*request.path_parameters);
    }
    if (request.stage_variables != nullptr && !request.stage_variables->empty()) {
        event["stageVariables"] = texts(*request.stage_variables);
    }
    return event;
}

void add_body(const ProxyRequest& request, json::object& event, bool always) {
    const bool plain = is_text(request.head.headers.get("content-type")) && is_utf8(request.body);
    if (!request.body.empty()) {
        event["body"] = plain ? text(request.body) : text(base64_encode(request.body));
    } else if (always) {
        event["body"] = nullptr;
    }
    event["isBase64Encoded"] = !request.body.empty() && !plain;
}

// The route's path: "GET /orders/{id}" is "/orders/{id}"; "$default" is itself.
std::string_view resource_of(const ProxyRequest& request) {
    const std::string_view key = request.route_key;
    const size_t blank = key.find(' ');
    return blank == std::string_view::npos ? key : key.substr(blank + 1);
}

json::value text_or_null(const std::string& value) {
    return value.empty() ? json::value(nullptr) : json::value(text(value));
}

json::object context_1_0(const ProxyRequest& request) {
    const http::RequestHead& head = request.head;
    const std::string_view domain = domain_of(head);
    const std::string& account = request.account_of_caller;
    json::object context{
        {"accountId", text(request.account)},
        {"apiId", text(request.api_id)},
        {"domainName", clean(domain)},
        {"domainPrefix", clean(domain.substr(0, domain.find('.')))},
        {"extendedRequestId", text(request.request_id)},
        {"httpMethod", text(head.method)},
        {"identity",
         json::object{{"accessKey", text_or_null(request.access_key)},
                      {"accountId", text_or_null(account)},
                      {"caller", text_or_null(request.access_key)},
                      {"cognitoAuthenticationProvider", nullptr},
                      {"cognitoAuthenticationType", nullptr},
                      {"cognitoIdentityId", nullptr},
                      {"cognitoIdentityPoolId", nullptr},
                      {"principalOrgId", nullptr},
                      {"sourceIp", text(head.peer_address)},
                      {"user", text_or_null(request.access_key)},
                      {"userAgent", clean(head.headers.get("user-agent"))},
                      {"userArn", text_or_null(account.empty() ? account : "arn:aws:iam::" + account + ":root")}}},
        {"path", clean(plain_path(head.path))},
        {"protocol", protocol_of(head)},
        {"requestId", text(request.request_id)},
        {"requestTime", log_time(request.time)},
        {"requestTimeEpoch", request.time.value()},
        {"resourceId", clean(request.route_key)},
        {"resourcePath", clean(resource_of(request))},
        {"stage", text(request.stage)},
    };
    if (!request.authorizer.empty()) {
        // What format 2.0 puts under "jwt" or "lambda" stands by itself here.
        json::value authorizer = authorizer_of(request);
        for (const char* kind : {"jwt", "lambda"}) {
            if (json::value* inner = authorizer.is_object() ? authorizer.as_object().if_contains(kind) : nullptr) {
                json::value taken = std::move(*inner);
                authorizer = std::move(taken);
                break;
            }
        }
        context["authorizer"] = std::move(authorizer);
    }
    return context;
}

json::object event_1_0(const ProxyRequest& request) {
    const http::RequestHead& head = request.head;
    json::object headers;
    json::object all_headers;
    for (const auto& [name, value] : head.headers.fields()) {
        if (!ends_here(name)) add_multi(headers, all_headers, name, value);
    }
    json::object forwarded;
    add_forwarded(head, forwarded);
    for (const auto& member : forwarded) {
        headers[member.key()] = member.value();
        all_headers[member.key()] = json::array{member.value()};
    }
    json::object query;
    json::object all_query;
    Fields fields;
    if (parse_form(head.query, &fields)) {
        for (const auto& [name, value] : fields) add_multi(query, all_query, name, value);
    }
    const bool asked = !query.empty();
    return {{"version", "1.0"},
            {"resource", clean(resource_of(request))},
            {"path", clean(plain_path(head.path))},
            {"httpMethod", text(head.method)},
            {"headers", std::move(headers)},
            {"multiValueHeaders", std::move(all_headers)},
            {"queryStringParameters", asked ? json::value(std::move(query)) : json::value(nullptr)},
            {"multiValueQueryStringParameters", asked ? json::value(std::move(all_query)) : json::value(nullptr)},
            {"requestContext", context_1_0(request)},
            {"pathParameters", texts_or_null(request.path_parameters)},
            {"stageVariables", texts_or_null(request.stage_variables)}};
}

}  // namespace

std::string payload_2_0(const ProxyRequest& request) {
    json::object event = event_2_0(request);
    add_body(request, event, false);
    return json::serialize(event);
}

std::string payload_1_0(const ProxyRequest& request) {
    json::object event = event_1_0(request);
    add_body(request, event, true);
    return json::serialize(event);
}

std::string authorizer_payload_2_0(const ProxyRequest& request, const std::string& arn,
                                   const std::vector<std::string>& identity) {
    json::object event = event_2_0(request);
    event["type"] = "REQUEST";
    event["routeArn"] = clean(arn);
    json::array values;
    for (const std::string& value : identity) values.push_back(clean(value));
    event["identitySource"] = identity.empty() ? json::value(nullptr) : json::value(std::move(values));
    return json::serialize(event);
}

std::string authorizer_payload_1_0(const ProxyRequest& request, const std::string& arn,
                                   const std::vector<std::string>& identity) {
    json::object event = event_1_0(request);
    event["type"] = "REQUEST";
    event["methodArn"] = clean(arn);
    std::string joined;
    for (const std::string& value : identity) joined += (joined.empty() ? "" : ",") + value;
    event["identitySource"] = clean(joined);
    event["authorizationToken"] = clean(joined);
    return json::serialize(event);
}

std::string iam_authorizer(const std::string& account, const std::string& access_key) {
    return json::serialize(json::object{{"iam", json::object{{"accessKey", text(access_key)},
                                                             {"accountId", text(account)},
                                                             {"callerId", text(access_key)},
                                                             {"cognitoIdentity", nullptr},
                                                             {"principalOrgId", nullptr},
                                                             {"userArn", text("arn:aws:iam::" + account + ":root")},
                                                             {"userId", text(access_key)}}}});
}

}  // namespace millrace::gateway
