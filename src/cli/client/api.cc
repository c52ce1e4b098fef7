#include "src/cli/client/api.h"

#include <charconv>
#include <cstdio>
#include <utility>

#include <boost/json.hpp>

#include "src/aws/json.h"
#include "src/io/clock.h"

namespace millrace::cli {
namespace {

// The value of `"name":"..."` or <Name>...</Name> in an error body, for messages to people only.
std::string between(std::string_view text, std::string_view begin, char end) {
    size_t at = text.find(begin);
    if (at == std::string_view::npos) return {};
    at += begin.size();
    return std::string(text.substr(at, text.find(end, at) - at));
}

std::string error_name(const http::ClientResponse& response) {
    std::string name(response.headers.get("x-amzn-errortype"));
    if (name.empty()) name = between(response.body, "\"__type\":\"", '"');
    if (name.empty()) name = between(response.body, "<Code>", '<');
    if (size_t hash = name.rfind('#'); hash != std::string::npos) name.erase(0, hash + 1);
    if (size_t colon = name.find(':'); colon != std::string::npos) name.erase(colon);
    return name;
}

Error as_error(const ApiAnswer& answer, std::string_view what) {
    return {ErrorCode::failed_precondition, std::string(what) + ": HTTP " + std::to_string(answer.status) + " " +
                                                answer.error + " " + answer.body.substr(0, 500)};
}

}  // namespace

std::string Endpoint::url() const {
    const bool brackets = host.find(':') != std::string::npos;
    return "http://" + (brackets ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<Endpoint> parse_endpoint(std::string_view url) {
    const Error wrong{ErrorCode::invalid_argument,
                      "\"" + std::string(url) + "\" is not an endpoint: it takes http://HOST:PORT"};
    if (url.starts_with("https://")) {
        return {ErrorCode::unsupported, "this client speaks plain HTTP only: give http://HOST:PORT (the same port)"};
    }
    if (url.starts_with("http://")) url.remove_prefix(7);
    while (url.ends_with('/')) url.remove_suffix(1);
    size_t colon = url.rfind(':');
    if (colon == std::string_view::npos) return wrong;
    Endpoint endpoint;
    std::string_view port = url.substr(colon + 1);
    auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
    if (error != std::errc() || end != port.data() + port.size() || colon == 0) return wrong;
    endpoint.host = std::string(url.substr(0, colon));
    if (endpoint.host.starts_with('[') && endpoint.host.ends_with(']')) {
        endpoint.host = endpoint.host.substr(1, endpoint.host.size() - 2);
    }
    return endpoint;
}

ApiClient::ApiClient(Endpoint endpoint, aws::Credentials credentials, std::string region)
    : endpoint_(std::move(endpoint)), credentials_(std::move(credentials)), region_(std::move(region)) {
    http::ClientOptions options;
    options.host = endpoint_.host;
    options.port = endpoint_.port;
    client_ = http::make_client(options);
}

ApiClient::~ApiClient() = default;

void ApiClient::sign(http::ClientRequest& request, std::string_view service, std::string_view path,
                     std::string_view query) {
    request.headers.add("host", endpoint_.host + ":" + std::to_string(endpoint_.port));
    if (credentials_.access_key_id.empty()) return;
    auto found = signers_.find(service);
    if (found == signers_.end()) {
        const std::string name(service);
        found = signers_.emplace(name, aws::Signer(credentials_, region_, name)).first;
    }
    http::RequestHead head;
    head.method = std::string(request.method);
    head.path = std::string(path);
    head.query = std::string(query);
    head.headers = std::move(request.headers);
    found->second.sign(head, request.body, io::system_clock().now());
    request.headers = std::move(head.headers);
}

Result<ApiAnswer> ApiClient::exchange(http::ClientRequest request) {
    TRY_ASSIGN(http::ClientResponse response, client_->call(request));
    ApiAnswer answer;
    answer.status = response.status;
    if (!answer.ok()) answer.error = error_name(response);
    answer.body = std::move(response.body);
    return answer;
}

Result<ApiAnswer> ApiClient::call(const JsonService& service, std::string_view operation, std::string_view body) {
    http::ClientRequest request;
    request.headers.add("content-type", "application/x-amz-json-1.1");
    request.headers.add("x-amz-target", std::string(service.target_prefix) + "." + std::string(operation));
    request.body = body;
    sign(request, service.signing_name, "/", "");
    return exchange(std::move(request));
}

Result<ApiAnswer> ApiClient::addressed(std::string_view service, std::string_view method, std::string_view path,
                                       std::string_view query, std::string_view body) {
    http::ClientRequest request;
    request.method = method;
    const std::string target = std::string(path) + (query.empty() ? "" : "?") + std::string(query);
    request.target = target;
    request.body = body;
    sign(request, service, path, query);
    return exchange(std::move(request));
}

Result<ApiAnswer> ApiClient::s3(std::string_view method, std::string_view path, std::string_view query,
                                std::string_view body) {
    return addressed("s3", method, path, query, body);
}

Result<ApiAnswer> ApiClient::own(std::string_view method, std::string_view path, std::string_view query,
                                 std::string_view body) {
    return addressed("millrace", method, path, query, body);
}

Result<std::string> ApiClient::must(const JsonService& service, std::string_view operation, std::string_view body) {
    TRY_ASSIGN(ApiAnswer answer, call(service, operation, body));
    if (!answer.ok()) return as_error(answer, std::string(service.signing_name) + " " + std::string(operation));
    return std::move(answer.body);
}

Result<std::string> ApiClient::must_s3(std::string_view method, std::string_view path, std::string_view query,
                                       std::string_view body) {
    TRY_ASSIGN(ApiAnswer answer, s3(method, path, query, body));
    if (!answer.ok()) return as_error(answer, "s3 " + std::string(method) + " " + std::string(path));
    return std::move(answer.body);
}

Result<std::string> ApiClient::must_own(std::string_view method, std::string_view path, std::string_view query,
                                        std::string_view body) {
    TRY_ASSIGN(ApiAnswer answer, own(method, path, query, body));
    if (answer.ok()) return std::move(answer.body);
    boost::system::error_code problem;
    const boost::json::value parsed = boost::json::parse(answer.body, problem);
    const boost::json::object* object = problem ? nullptr : parsed.if_object();
    const boost::json::value* message = object ? object->if_contains("message") : nullptr;
    if (!answer.error.empty() || !message || !message->is_string())
        return as_error(answer, std::string(method) + " " + std::string(path));
    return Error{answer.status == 400 ? ErrorCode::invalid_argument : ErrorCode::failed_precondition,
                 std::string(message->as_string())};
}

std::string json_quoted(std::string_view text) {
    std::string out;
    aws::append_json_string(text, out);
    return out;
}

}  // namespace millrace::cli
