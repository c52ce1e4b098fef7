#include "src/gateway/access/identity_source.h"

#include <algorithm>

#include "src/http/message.h"

namespace millrace::gateway {
namespace {

constexpr std::string_view context_names[] = {
    "apiId",           "domainName",        "httpMethod",         "identity.accessKey",
    "identity.apiKey", "identity.sourceIp", "identity.userAgent", "path",
    "protocol",        "resourceId",        "resourcePath",       "stage"};

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

std::string context_value(std::string_view name, const AccessRequest& request, const Served& served) {
    if (name == "apiId") return served.deployment->api.id;
    if (name == "domainName") return std::string(request.domain_name);
    if (name == "httpMethod") return request.head->method;
    if (name == "identity.accessKey") return std::string(request.access_key);
    if (name == "identity.apiKey") return std::string(request.head->headers.get("x-api-key"));
    if (name == "identity.sourceIp") return std::string(request.source_ip);
    if (name == "identity.userAgent") return std::string(request.head->headers.get("user-agent"));
    if (name == "path") return std::string(request.request_path);
    if (name == "protocol") return request.head->version == 20 ? "HTTP/2" : "HTTP/1.1";
    if (name == "resourceId") return request.resource->id;
    if (name == "resourcePath") return request.resource->path;
    return served.stage->name;
}

}  // namespace

Result<std::vector<IdentitySource>> IdentitySource::parse_all(std::string_view text) {
    struct Row {
        std::string_view prefix;
        Kind kind;
    };
    static constexpr Row rows[] = {{"method.request.header.", Kind::header},
                                   {"method.request.querystring.", Kind::parameter},
                                   {"stageVariables.", Kind::stage_variable},
                                   {"context.", Kind::context}};
    std::vector<IdentitySource> sources;
    while (!trimmed(text).empty()) {
        const size_t comma = text.find(',');
        const std::string_view one = trimmed(text.substr(0, comma));
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
        const auto row = std::find_if(std::begin(rows), std::end(rows),
                                      [&](const Row& each) { return one.starts_with(each.prefix); });
        IdentitySource source;
        if (row != std::end(rows)) {
            source.kind_ = row->kind;
            source.name_ = one.substr(row->prefix.size());
        }
        const bool known =
            row != std::end(rows) && !source.name_.empty() &&
            (source.kind_ != Kind::context ||
             std::find(std::begin(context_names), std::end(context_names), source.name_) != std::end(context_names));
        if (!known) {
            return Error{ErrorCode::invalid_argument,
                         "'" + std::string(one) + "' is no identity source that is known here"};
        }
        if (source.kind_ == Kind::header) {
            std::transform(source.name_.begin(), source.name_.end(), source.name_.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        }
        sources.push_back(std::move(source));
    }
    return sources;
}

std::optional<std::string> IdentitySource::value(const AccessRequest& request, const Served& served) const {
    std::string value;
    switch (kind_) {
        case Kind::header:
            for (const auto& [name, text] : request.head->headers.fields()) {
                if (name == name_)
                    value = text;  // the last, as in the event's headers: a kept answer is of what it saw
            }
            break;
        case Kind::parameter:
            if (request.parameters) {
                for (const auto& [name, text] : *request.parameters) {
                    if (name == name_) value = text;  // the last, as in queryStringParameters
                }
            }
            break;
        case Kind::stage_variable:
            if (const auto at = served.stage->variables.find(name_); at != served.stage->variables.end())
                value = at->second;
            break;
        case Kind::context:
            value = context_value(name_, request, served);
            break;
    }
    if (value.empty()) return std::nullopt;
    return value;
}

}  // namespace millrace::gateway
