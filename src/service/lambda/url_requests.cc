// What function URLs are asked: http://ID.lambda-url.REGION.localhost:PORT/ANY/PATH. AWS_IAM wants a signature of the
// owner's account (service "lambda"); NONE is open, for whoever made the URL chose so.
#include "src/aws/sigv4.h"
#include "src/base/checksum.h"
#include "src/gateway/integration/proxy_payload.h"
#include "src/io/clock.h"
#include "src/service/lambda/lambda.h"
#include "src/service/lambda/limits.h"
#include "src/service/lambda/url_answers.h"
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
    if (!record.ok()) return answer(url_message(403, "Forbidden", "AccessDeniedException"));
    const auto at = (*record)->urls.find(name->qualifier);
    if (at == (*record)->urls.end()) return answer(url_message(403, "Forbidden", "AccessDeniedException"));
    const function::UrlConfig config = at->second;
    if (config.cors && is_preflight(head)) return answer(preflight_response(head, *config.cors));

    gateway::ProxyRequest request{head,          call.exchange->body(), "anonymous", std::string(url_id),
                                  random_uuid(), parts_.clock.now()};
    if (config.auth_type != "NONE") {
        const aws::Outcome<std::string> account = call.account("lambda");
        if (!account.ok() || *account != name->scope.account) {
            return answer(url_message(403, "Forbidden", "AccessDeniedException"));
        }
        request.account = *account;
        request.authorizer = gateway::iam_authorizer(*account, access_key_of(head));
    }
    if (request.body.size() > payload_bytes_max) {
        return answer(url_message(413, "Request Entity Too Large", "RequestTooLargeException"));
    }
    function::Invocation invocation;
    invocation.function = *name;
    invocation.payload = gateway::payload_2_0(request);
    invocation.trace_header = head.headers.get("x-amzn-trace-id");
    invocation.request_id = request.request_id;
    UrlAnswer answered(std::move(call.exchange), config.cors, request.request_id);
    if (config.streams) {
        const std::shared_ptr<StreamedUrlAnswer> streamed = StreamedUrlAnswer::make(std::move(answered));
        invocation.sink = streamed;
        return functions_.invoke(std::move(invocation), [streamed](Result<function::InvocationResult> result) {
            streamed->finish(std::move(result));
        });
    }
    functions_.invoke(std::move(invocation),
                      [answered = std::move(answered)](const Result<function::InvocationResult>& result) {
                          answered.respond(result);
                      });
}

}  // namespace millrace::service::lambda
