#include "src/cli/gateway_parts.h"

#include "src/aws/sigv4.h"
#include "src/gateway/access/reports.h"
#include "src/gateway/rest/data_plane.h"

namespace millrace::cli {
namespace {

std::string access_key_of(const http::RequestHead& head) {
    if (head.headers.find("authorization") == nullptr && head.query.find("X-Amz-") == std::string::npos) return {};
    aws::Authorization authorization;
    aws::parse_authorization(head, &authorization);
    return std::string(authorization.scope.access_key);
}

}  // namespace

aws::HostHandler rest_api_handler(gateway::DataPlane& plane) {
    return {.takes = [&plane](const http::RequestHead& head) { return plane.takes(head); },
            .handle =
                [&plane](aws::HostCall call) {
                    std::string access_key = access_key_of(call.exchange->head());
                    plane.handle(std::move(call.exchange), std::move(access_key),
                                 [account = std::move(call.account)](
                                     std::string_view service) -> Result<std::string, gateway::SignatureRefusal> {
                                     aws::Outcome<std::string> said = account(service);
                                     if (said.ok()) return std::move(said).value();
                                     return gateway::SignatureRefusal{said.error().code, said.error().message};
                                 });
                },
            .on_io_thread = true};
}

aws::OwnRoute api_metrics_route(gateway::Reports& reports) {
    return {"GET", "/_millrace/api-metrics", nullptr, [&reports](const aws::OwnCall& call) {
                http::Response response;
                response.headers.add("content-type", "text/plain; version=0.0.4");
                response.body = reports.prometheus(call.caller.account);
                return response;
            }};
}

}  // namespace millrace::cli
