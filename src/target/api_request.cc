#include "src/target/api_request.h"

#include <charconv>

#include <boost/json.hpp>

#include "src/base/base64.h"
#include "src/base/url_text.h"

namespace millrace::target {
namespace {

namespace json = boost::json;

constexpr size_t answer_bytes_max = 1 << 20;  // more of it is of no use to anybody

// Where the path of a URL begins and ends.
std::pair<size_t, size_t> path_of(std::string_view url) {
    const size_t scheme = url.find("://");
    const size_t authority = scheme == std::string_view::npos ? 0 : scheme + 3;
    const size_t end = std::min(url.find_first_of("?#", authority), url.size());
    return {std::min(url.find_first_of("/?#", authority), end), end};
}

// "." and "..", also as RFC 3986 lets one write them.
bool is_dots(std::string_view segment) {
    size_t dots = 0;
    for (size_t i = 0; i < segment.size(); ++dots) {
        const std::string_view rest = segment.substr(i);
        const bool encoded = rest.starts_with("%2e") || rest.starts_with("%2E");
        if (!encoded && rest[0] != '.') return false;
        i += encoded ? 3 : 1;
    }
    return dots == 1 || dots == 2;
}

// Each * of the endpoint's path takes the next value; those without one stay empty.
Result<std::string> with_path_values(const std::string& url, const std::vector<std::string>& values) {
    TRY(check_stars(url));
    const auto [begin, end] = path_of(url);
    std::string out = url.substr(0, begin);
    size_t used = 0, segment = begin;
    bool filled = false;  // the segment has a value
    for (size_t i = begin; i <= end; ++i) {
        if (i == end || url[i] == '/') {
            if (filled && is_dots(std::string_view(out).substr(segment))) {
                return {ErrorCode::invalid_argument, "A value of the path makes it step to another: " + out};
            }
            filled = false;
            segment = out.size() + 1;
        }
        if (i == end) break;
        if (url[i] != '*') {
            out += url[i];
            continue;
        }
        if (used < values.size()) append_uri_encoded(values[used], false, &out);
        ++used;
        filled = true;
    }
    return out + url.substr(end);
}

void add_pair(std::string_view key, std::string_view value, std::string* out) {
    append_uri_encoded(key, false, out);
    *out += '=';
    append_uri_encoded(value, false, out);
}

void add_query(std::string_view key, std::string_view value, std::string& url) {
    url += url.find('?') == std::string::npos ? '?' : '&';
    add_pair(key, value, &url);
}

// Members that the connection adds to a JSON object; other bodies stay as they are.
std::string with_members(const std::string& body, const std::vector<ExtraParameter>& extra) {
    if (extra.empty()) return body;
    boost::system::error_code error;
    json::value root = json::parse(body, error);
    if (error || !root.is_object()) return body;
    for (const ExtraParameter& each : extra) root.as_object()[each.key] = each.value;
    return json::serialize(root);
}

void add_form(std::string_view key, std::string_view value, std::string& form) {
    if (!form.empty()) form += '&';
    add_pair(key, value, &form);
}

bool has_key(const std::vector<ExtraParameter>& parameters, std::string_view key) {
    for (const ExtraParameter& each : parameters) {
        if (each.key == key) return true;
    }
    return false;
}

std::string lower(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

}  // namespace

Status check_stars(std::string_view url) {
    const auto [begin, end] = path_of(url);
    for (size_t at = url.find('*'); at != std::string_view::npos; at = url.find('*', at + 1)) {
        if (at >= begin && at < end) continue;
        return {ErrorCode::invalid_argument,
                std::string("a * stands for a value of the path, and is not allowed in the ") +
                    (at < begin ? "scheme, host or port" : "query (give QueryStringParameters, or write %2A)")};
    }
    return {};
}

Result<ApiRequest> make_api_request(const ApiDestination& destination, const Connection& connection, const Item& item,
                                    std::string_view content_type, std::string_view token) {
    const HttpParameters own = item.http.value_or(HttpParameters{});
    ApiRequest out;
    out.head.method = destination.method;
    TRY_ASSIGN(out.head.url, with_path_values(destination.url, own.path_values));
    http::Headers& headers = out.head.headers;
    headers.set("content-type", content_type.empty() ? "application/json; charset=utf-8" : content_type);
    headers.set("user-agent", "Amazon/EventBridge/ApiDestinations");
    const auto set_header = [&](const std::string& name, const std::string& value) -> Status {
        const std::string key = lower(name);
        if (http::is_hop_by_hop(key)) return {ErrorCode::invalid_argument, "the header " + name + " is not a user's"};
        headers.set(key, value);
        return {};
    };
    for (const auto& [name, value] : own.headers) TRY(set_header(name, value));
    // The connection's have the last word, as in AWS: an event may not replace a secret.
    for (const auto& [name, value] : own.query) {
        if (!has_key(connection.parameters.query, name)) add_query(name, value, out.head.url);
    }
    for (const ExtraParameter& each : connection.parameters.headers) TRY(set_header(each.key, each.value));
    for (const ExtraParameter& each : connection.parameters.query) add_query(each.key, each.value, out.head.url);
    if (connection.authorization == "BASIC") {
        headers.set("authorization", "Basic " + base64_encode(connection.user + ":" + connection.secret));
    } else if (connection.authorization == "API_KEY") {
        TRY(set_header(connection.user, connection.secret));
    } else {
        headers.set("authorization", "Bearer " + std::string(token));
    }
    if (destination.method != "GET" && destination.method != "HEAD") {
        out.body = with_members(item.body, connection.parameters.body);
    }
    out.head.response_bytes_max = answer_bytes_max;
    return out;
}

ApiRequest make_token_request(const Connection& connection) {
    ApiRequest out;
    out.head.method = connection.token_method;
    out.head.url = connection.token_url;
    const bool in_query = connection.token_method == "GET";
    std::string form;
    if (!has_key(connection.token_parameters.body, "grant_type") &&
        !has_key(connection.token_parameters.query, "grant_type")) {
        add_form("grant_type", "client_credentials", form);
    }
    add_form("client_id", connection.user, form);
    add_form("client_secret", connection.secret, form);
    for (const ExtraParameter& each : connection.token_parameters.body) add_form(each.key, each.value, form);
    for (const ExtraParameter& each : connection.token_parameters.query) add_query(each.key, each.value, out.head.url);
    for (const ExtraParameter& each : connection.token_parameters.headers) {
        const std::string name = lower(each.key);
        if (!http::is_hop_by_hop(name)) out.head.headers.set(name, each.value);
    }
    if (in_query) {
        out.head.url += (out.head.url.find('?') == std::string::npos ? "?" : "&") + form;
    } else {
        out.body = std::move(form);
        out.head.headers.set("content-type", "application/x-www-form-urlencoded");
    }
    out.head.headers.set("accept", "application/json");
    out.head.response_bytes_max = answer_bytes_max;
    return out;
}

Result<Token> read_token(const http::OutboundResponse& response) {
    boost::system::error_code error;
    const json::value root = json::parse(response.body, error);
    if (response.status / 100 != 2 || error || !root.is_object()) {
        return {ErrorCode::permission_denied,
                "The authorization endpoint answered " + std::to_string(response.status) + " and no token."};
    }
    const auto* token = root.as_object().if_contains("access_token");
    if (token == nullptr || !token->is_string()) {
        return {ErrorCode::permission_denied, "The authorization endpoint's answer has no access_token."};
    }
    Token out{std::string(token->as_string())};
    const auto* seconds = root.as_object().if_contains("expires_in");
    if (seconds != nullptr && seconds->is_int64()) out.seconds = seconds->as_int64();
    return out;
}

Outcome outcome_of(const http::OutboundResponse& response) {
    Outcome out;
    out.answer = response.body;
    const int status = response.status;
    if (status / 100 == 2) return out;
    const bool passes = status == 401 || status == 407 || status == 409 || status == 429 || status >= 500;
    out.kind = passes ? Outcome::Kind::retryable : Outcome::Kind::permanent;
    out.code = "SDK_CLIENT_ERROR";
    out.message = "The API destination answered with status " + std::to_string(status) + ".";
    const std::string_view after = response.headers.get("retry-after");
    int64_t seconds = 0;
    if (std::from_chars(after.data(), after.data() + after.size(), seconds).ec == std::errc() && seconds > 0) {
        out.retry_after_ms = std::min<int64_t>(seconds, 86'400) * 1000;
    }
    return out;
}

Outcome outcome_of(const Error& error) {
    Outcome out;
    switch (error.code) {
        case ErrorCode::invalid_argument:
        case ErrorCode::permission_denied:
        case ErrorCode::unauthenticated:
        case ErrorCode::not_found:
            out.kind = Outcome::Kind::permanent;
            out.code = error.code == ErrorCode::not_found ? "NO_RESOURCE" : "NO_PERMISSIONS";
            break;
        case ErrorCode::deadline_exceeded:
            out.kind = Outcome::Kind::retryable;
            out.code = "THIRD_PARTY_TIMEOUT";
            break;
        default:
            out.kind = Outcome::Kind::retryable;
            out.code = "THIRD_PARTY_UNAVAILABLE";
            break;
    }
    out.message = error.message;
    return out;
}

}  // namespace millrace::target
