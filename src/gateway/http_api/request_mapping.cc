#include "src/gateway/http_api/request_mapping.h"

#include <algorithm>

#include "src/base/url_text.h"
#include "src/gateway/text/uri.h"

namespace millrace::gateway::http_api {
namespace {

void change_header(std::string_view what, const std::string& name, const std::string& value, http::Headers& headers) {
    if (what == "remove") return headers.remove(name);
    if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) return;
    if (what == "append") return headers.add(name, value);
    headers.set(name, value);
}

// A path alone, whatever of the request it was made of: a query of the client's own does not begin in it.
std::string as_path(std::string_view value) {
    std::string path = value.starts_with('/') ? "" : "/";
    for (const char c : value) {
        if (c == '?') {
            path += "%3F";
        } else if (c == '#') {
            path += "%23";
        } else {
            path += c;
        }
    }
    return path;
}

bool is_header_name(std::string_view name) {
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               others.find(c) != std::string_view::npos;
    });
}

bool is_reserved(std::string_view name) {
    static constexpr std::string_view starts[] = {"access-control-", "apigw-", "x-amz-", "x-amzn-"};
    static constexpr std::string_view names[] = {"authorization",
                                                 "connection",
                                                 "content-encoding",
                                                 "content-length",
                                                 "content-location",
                                                 "forwarded",
                                                 "keep-alive",
                                                 "origin",
                                                 "te",
                                                 "proxy-authenticate",
                                                 "trailers",
                                                 "transfer-encoding",
                                                 "proxy-authorization",
                                                 "upgrade",
                                                 "x-forwarded-for",
                                                 "via",
                                                 "x-forwarded-host",
                                                 "x-forwarded-proto",
                                                 "host"};
    return std::any_of(std::begin(starts), std::end(starts), [&](auto start) { return name.starts_with(start); }) ||
           std::find(std::begin(names), std::end(names), name) != std::end(names);
}

// What expressions are in a path: all but the request's own path, which is encoded already.
Variables in_paths(const Call& call, const Variables& variables) {
    return [&call, &variables](std::string_view name) -> std::optional<std::string> {
        constexpr std::string_view parameter = "request.path.";
        if (name == "request.path") return call.path;
        if (name.starts_with(parameter)) return path_text(call, std::string(name.substr(parameter.size())));
        std::optional<std::string> value = variables(name);
        if (value) value = percent_encode(*value, "/");
        return value;
    };
}

}  // namespace

std::string path_text(const Call& call, const std::string& name) {
    if (name == call.rest_name) return encode_rest(call.rest);
    const auto found = call.parameters.find(name);
    return found == call.parameters.end() ? std::string() : percent_encode(found->second);
}

MappedRequest map_request(const Call& call) {
    MappedRequest mapped{call.head().headers, call.head().query, {}};
    if (call.integration->request_parameters.empty()) return mapped;
    Fields query;
    parse_form(call.head().query, &query);
    const Fields before = query;
    const Variables variables = variables_of(call);
    for (const auto& [key, expression] : call.integration->request_parameters) {
        const size_t colon = std::min(key.find(':'), key.size());
        const std::string_view what = std::string_view(key).substr(0, colon);
        const std::string_view place = std::string_view(key).substr(std::min(colon + 1, key.size()));
        const std::string value = evaluate(expression, variables).value_or("");
        const size_t dot = std::min(place.find('.'), place.size());
        const std::string name(place.substr(std::min(dot + 1, place.size())));
        if (place == "path") {
            mapped.path = as_path(evaluate(expression, in_paths(call, variables)).value_or(""));
        } else if (place.starts_with("header.")) {
            change_header(what, lower_case(name), value, mapped.headers);
        } else {
            if (what != "append") std::erase_if(query, [&](const Field& field) { return field.first == name; });
            if (what != "remove") query.emplace_back(name, value);
        }
    }
    if (query != before) mapped.query = query_text(query);
    return mapped;
}

Status check_mapping_key(std::string_view key, bool response) {
    const Error refused{ErrorCode::invalid_argument, "Invalid mapping key specified: " + std::string(key)};
    if (key == (response ? "overwrite:statuscode" : "overwrite:path")) return {};
    const size_t colon = key.find(':');
    if (colon == std::string_view::npos) return refused;
    const std::string_view what = key.substr(0, colon);
    const std::string_view place = key.substr(colon + 1);
    if (what != "append" && what != "overwrite" && what != "remove") return refused;
    if (place.starts_with("querystring.") && !response) return place.size() > 12 ? Status{} : Status(refused);
    if (!place.starts_with("header.") || !is_header_name(place.substr(7))) return refused;
    if (is_reserved(lower_case(place.substr(7)))) {
        return Error{ErrorCode::invalid_argument,
                     "Operations on header " + std::string(place.substr(7)) + " are restricted"};
    }
    return {};
}

}  // namespace millrace::gateway::http_api
