// What clients ask of HTTP APIs comes by the endpoint, and goes on to src/gateway/http_api.
#include "src/aws/sigv4.h"
#include "src/service/apigatewayv2/apigatewayv2.h"

namespace millrace::service::apigatewayv2 {

namespace engine = gateway::http_api;

aws::HostHandler ApiGatewayV2::handler() {
    const auto handle = [this](aws::HostCall call) {
        const http::RequestHead& head = call.exchange->head();
        const engine::VerifySigner verify = [&head, account = call.account]() -> std::optional<engine::Signer> {
            const aws::Outcome<std::string> signer = account("execute-api");
            if (!signer.ok()) return std::nullopt;
            aws::Authorization authorization;
            aws::parse_authorization(head, &authorization);
            return engine::Signer{*signer, std::string(authorization.scope.access_key)};
        };
        plane_.handle(std::move(call.exchange), verify);
    };
    return {.takes = [this](const http::RequestHead& head) { return plane_.takes(head); },
            .handle = handle,
            .on_io_thread = true};
}

}  // namespace millrace::service::apigatewayv2
