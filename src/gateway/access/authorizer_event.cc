#include "src/gateway/access/authorizer_event.h"

#include <algorithm>

#include "src/base/json_text.h"
#include "src/gateway/text/shown_headers.h"
#include "src/http/message.h"

namespace millrace::gateway {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// Builds {"a":...,"b":...} member by member.
class Json {
  public:
    Json& raw(std::string_view name, std::string_view json) {
        text_ += text_.size() == 1 ? "" : ",";
        append_json_string(name, text_);
        text_ += ':';
        text_ += json;
        return *this;
    }
    Json& text(std::string_view name, std::string_view value) {
        std::string json;
        append_json_string(value, json);
        return raw(name, json);
    }
    Json& text_or_null(std::string_view name, std::string_view value) {
        return value.empty() ? raw(name, "null") : text(name, value);
    }
    std::string done() { return text_ + '}'; }

  private:
    std::string text_ = "{";
};

// The last of each name, and all of each, as proxy events have them.
std::string last_values(const Pairs& pairs) {
    std::map<std::string_view, std::string_view> last;
    for (const auto& [name, value] : pairs) last[name] = value;
    Json json;
    for (const auto& [name, value] : last) json.text(name, value);
    return json.done();
}

std::string all_values(const Pairs& pairs) {
    std::map<std::string_view, std::string> lists;
    for (const auto& [name, value] : pairs) {
        std::string& list = lists[name];
        list += list.empty() ? '[' : ',';
        append_json_string(value, list);
    }
    Json json;
    for (const auto& [name, list] : lists) json.raw(name, list + ']');
    return json.done();
}

std::string text_map(const std::map<std::string, std::string>& map) {
    Json json;
    for (const auto& [name, value] : map) json.text(name, value);
    return json.done();
}

std::string identity_of(const AccessRequest& request) {
    const http::Headers& headers = request.head->headers;
    Json json;
    if (const std::string_view key = headers.get("x-api-key"); !key.empty()) json.text("apiKey", key);
    json.text("sourceIp", request.source_ip).text_or_null("userAgent", headers.get("user-agent"));
    return json.done();
}

}  // namespace

std::string token_event(std::string_view token, std::string_view method_arn) {
    return Json().text("type", "TOKEN").text("methodArn", method_arn).text("authorizationToken", token).done();
}

std::string request_event(const AccessRequest& request, const Served& served, std::string_view method_arn,
                          TimestampMs now) {
    static const Pairs none;
    static const std::map<std::string, std::string> no_map;
    const RestApi& api = served.deployment->api;
    const http::RequestHead& head = *request.head;
    Pairs headers;
    for (const auto& [lower, name, value] : shown_headers(head)) headers.emplace_back(name, value);
    const Pairs& parameters = request.parameters ? *request.parameters : none;
    Json context;
    context.text("path", request.request_path)
        .text("accountId", api.scope.account)
        .text("resourceId", request.resource->id)
        .text("stage", served.stage->name)
        .text("requestId", request.request_id)
        .text("domainName", request.domain_name)
        .text("protocol", head.version == 20 ? "HTTP/2" : "HTTP/1.1")
        .raw("requestTimeEpoch", std::to_string(now.value()))
        .raw("identity", identity_of(request))
        .text("resourcePath", request.resource->path)
        .text("httpMethod", head.method)
        .text("apiId", api.id);
    return Json()
        .text("type", "REQUEST")
        .text("methodArn", method_arn)
        .text("resource", request.resource->path)
        .text("path", request.path)
        .text("httpMethod", head.method)
        .raw("headers", last_values(headers))
        .raw("multiValueHeaders", all_values(headers))
        .raw("queryStringParameters", last_values(parameters))
        .raw("multiValueQueryStringParameters", all_values(parameters))
        .raw("pathParameters", text_map(request.path_parameters ? *request.path_parameters : no_map))
        .raw("stageVariables", text_map(served.stage->variables))
        .raw("requestContext", context.done())
        .done();
}

}  // namespace millrace::gateway
