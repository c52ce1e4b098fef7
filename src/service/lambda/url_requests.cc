// What function URLs are asked: http://ID.lambda-url.REGION.localhost:PORT/ANY/PATH. AWS_IAM wants a signature of the
// owner's account (service "lambda"); NONE is open, for whoever made the URL chose so.
#include "src/aws/sigv4.h"
#include "src/base/checksum.h"
#include "src/gateway/integration/proxy_payload.h"
#include "src/io/clock.h"
#include "src/service/lambda/lambda.h"
#include "src/service/lambda/limits.h"
#include "src/service/lambda/url_cors.h"

namespace millrace::service::lambda {
namespace {

constexpr std::string_view mark = ".lambda-url.";
constexpr size_t id_characters = 32;

// "ID.lambda-url.REGION.localhost", or with AWS's own ".on.aws"; a bucket may have any other name with dots.
bool is_url_host(std::string_view host) {
    const size_t at = host.find(mark);
    if (at != id_characters) return false;
    std::string_view rest = host.substr(at + mark.size());
    rest = rest.substr(0, rest.rfind(':'));
    const size_t dot = rest.find('.');
    return dot != std::string_view::npos && (rest.substr(dot) == ".localhost" || rest.substr(dot) == ".on.aws");
}

http::Response message(int status, std::string_view text, std::string_view type) {
    http::Response response;
    response.status = status;
    response.headers.add("content-type", "application/json");
    response.headers.add("x-amzn-errortype", type);
    response.body = "{\"Message\":\"" + std::string(text) + "\"}";
    return response;
}

http::Response bad_gateway() {
    http::Response response;
    response.status = 502;
    response.headers.add("content-type", "application/json");
    response.body = R"({"Message":"Internal Server Error"})";
    return response;
}

http::Response not_run(const Error& error) {
    if (error.code == ErrorCode::resource_exhausted) {
        return message(429, "Rate Exceeded.", "TooManyRequestsException");
    }
    if (error.code == ErrorCode::not_found) return message(404, "Not Found", "ResourceNotFoundException");
    return message(502, "Internal Server Error", "ServiceException");
}

std::string access_key_of(const http::RequestHead& head) {
    aws::Authorization authorization;
    aws::parse_authorization(head, &authorization);
    return std::string(authorization.scope.access_key);
}

}  // namespace

aws::HostHandler Lambda::url_handler() {
    return {[](const http::RequestHead& head) { return is_url_host(head.headers.get("host")); },
            [this](aws::HostCall call) { answer_url(std::move(call)); }};
}

void Lambda::answer_url(aws::HostCall call) {
    const http::RequestHead& head = call.exchange->head();
    const std::string_view host = head.headers.get("host");
    const std::string_view url_id = host.substr(0, host.find(mark));
    const auto answer = [&call](http::Response response) { call.exchange->respond(std::move(response)); };
    const Result<function::FunctionName> name = functions_.find_url(url_id);
    const auto record =
        name.ok() ? functions_.record(name->scope, name->name) : Result<function::Functions::Record>(name.error());
    if (!record.ok()) return answer(message(403, "Forbidden", "AccessDeniedException"));
    const auto at = (*record)->urls.find(name->qualifier);
    if (at == (*record)->urls.end()) return answer(message(403, "Forbidden", "AccessDeniedException"));
    const function::UrlConfig config = at->second;
    if (config.cors && is_preflight(head)) return answer(preflight_response(head, *config.cors));

    gateway::ProxyRequest request{head,          call.exchange->body(), "anonymous", std::string(url_id),
                                  random_uuid(), parts_.clock.now()};
    if (config.auth_type != "NONE") {
        const aws::Outcome<std::string> account = call.account("lambda");
        if (!account.ok() || *account != name->scope.account) {
            return answer(message(403, "Forbidden", "AccessDeniedException"));
        }
        request.account = *account;
        request.authorizer = gateway::iam_authorizer(*account, access_key_of(head));
    }
    if (request.body.size() > payload_bytes_max) {
        return answer(message(413, "Request Entity Too Large", "RequestTooLargeException"));
    }
    function::Invocation invocation;
    invocation.function = *name;
    invocation.payload = gateway::payload_2_0(request);
    invocation.trace_header = head.headers.get("x-amzn-trace-id");
    invocation.request_id = request.request_id;
    const std::shared_ptr<http::Exchange> exchange = std::move(call.exchange);
    functions_.invoke(std::move(invocation), [exchange, cors = config.cors,
                                              id = request.request_id](Result<function::InvocationResult> result) {
        http::Response response;
        if (!result.ok()) {
            response = not_run(result.error());
        } else if (!result->function_error.empty()) {
            response = message(502, "Internal Server Error", "InternalServerErrorException");
        } else {
            response = gateway::response_2_0(result->payload).value_or(bad_gateway());
        }
        response.headers.set("x-amzn-requestid", id);
        if (cors) add_cors(exchange->head(), *cors, response);
        exchange->respond(std::move(response));
    });
}

}  // namespace millrace::service::lambda
