#include "src/http/outbound/request_text.h"

#include <algorithm>

#include "src/http/characters.h"
#include "src/http/content_coding.h"

namespace millrace::http {
namespace {

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Status check_request(const OutboundRequest& request) {
    const auto is_token = [](std::string_view text) {
        return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return to_token_lower(c) != 0; });
    };
    if (!is_token(request.method) || request.method == "CONNECT" || request.method.size() > 64)
        return {ErrorCode::invalid_argument, "the method can not be sent"};
    for (const auto& [name, value] : request.headers.fields()) {
        if (!is_token(name) || name.size() > 256)
            return {ErrorCode::invalid_argument, "a header's name has a forbidden character, or is too long"};
        std::string lower = name;
        for (char& c : lower) c = to_token_lower(c);
        if (is_hop_by_hop(lower))
            return {ErrorCode::invalid_argument, "the header \"" + lower + "\" is the connection's own: leave it out"};
        if (!are_field_value(value))
            return {ErrorCode::invalid_argument, "the header \"" + lower + "\" has a control character in its value"};
    }
    return {};
}

std::string request_head(std::string_view method, const OutboundUrl& url, const Headers& headers, size_t body_bytes,
                         std::string_view user_agent) {
    std::string out;
    const auto add = [&out](std::string_view name, std::string_view value) {
        out += name;
        out += ": ";
        out += value;
        out += "\r\n";
    };
    out += method;
    out += ' ';
    out += url.target;
    out += " HTTP/1.1\r\n";
    if (!headers.find("host")) add("host", url.authority);
    for (const auto& [name, value] : headers.fields()) add(name, value);
    if (!headers.find("user-agent")) add("user-agent", user_agent);
    if (body_bytes > 0 || !is_one_of(method, {"GET", "HEAD", "DELETE", "OPTIONS"}))
        add("content-length", std::to_string(body_bytes));
    out += "\r\n";
    return out;
}

Headers harmless_elsewhere(const Headers& headers) {
    Headers kept;
    for (const auto& [name, value] : headers.fields()) {
        if (is_one_of(name, {"accept", "accept-encoding", "accept-language", "user-agent", "if-none-match",
                             "if-modified-since"}))
            kept.add(name, value);
    }
    return kept;
}

bool is_idempotent(std::string_view method) {
    return is_one_of(method, {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"});
}

std::string origin_of(const OutboundUrl& url) {
    return (url.secure ? "https " : "http ") + url.host + ' ' + std::to_string(url.port);
}

Status decode_body(const OutboundRequest& request, OutboundResponse* response) {
    if (!request.decode) return {};
    const std::string* coding = response->headers.find("content-encoding");
    if (!coding || response->body.empty()) return {};
    if (equals_lower(*coding, "identity")) return {};
    if (!equals_lower(*coding, "gzip") && !equals_lower(*coding, "x-gzip")) {
        if (request.headers.find("accept-encoding")) return {};  // the caller's to understand
        return {ErrorCode::corruption,
                "the response has the content-encoding \"" + *coding + "\", which was not asked for"};
    }
    Result<std::string> body = decode_content("gzip", response->body, request.response_bytes_max);
    if (!body.ok() && body.error().code == ErrorCode::invalid_argument)
        return {ErrorCode::corruption, "the response says content-encoding: gzip and is not"};
    TRY_ASSIGN(response->body, std::move(body));
    response->headers.remove("content-encoding");
    response->headers.remove("content-length");
    return {};
}

}  // namespace millrace::http
