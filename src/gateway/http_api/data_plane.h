// What clients ask of HTTP APIs: http://ID.execute-api.REGION.localhost:4566/STAGE/path ("$default" has no segment), or
// a custom domain's host.
//
//   host -> API, stage -> preflight answered -> route -> throttle -> authorizer -> integration -> response parameters
//   -> CORS headers -> access log
//
// Runs on the I/O thread and never blocks it: functions and services answer later, calls outwards go by an executor of
// its own, as do fetches of issuers' keys.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/gateway/http_api/http_apis.h"

namespace millrace {
class ServiceCaller;
}
namespace millrace::function {
struct Invocation;
struct InvocationResult;
class LogSink;
}  // namespace millrace::function
namespace millrace::http {
class Exchange;
class Outbound;
struct RequestHead;
}  // namespace millrace::http
namespace millrace::io {
class Clock;
}

namespace millrace::gateway {
class Reports;
}

namespace millrace::gateway::http_api {

// AWS's: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
constexpr size_t payload_bytes_max = 10 << 20;
constexpr int32_t timeout_ms_max = 30'000;

struct DataPlaneOptions {
    uint32_t outward_threads_max = 64;  // HTTP_PROXY calls at once; a quarter of them to one host
    uint32_t issuer_threads_max = 8;    // fetches of keys at once
    uint32_t outward_waiting_max = 1'000;
    size_t answers_max = 10'000;          // authorizer functions' answers that are kept
    size_t answer_bytes_max = 32u << 20;  // of them all; one larger than a 16th is not kept
};

struct DataPlaneParts {
    HttpApis& apis;
    const io::Clock& clock;
    http::Outbound& outbound;
    function::LogSink& lines;  // access logs
    // function::Functions::invoke.
    std::function<void(function::Invocation, std::function<void(Result<function::InvocationResult>)>)> invoke;
    ServiceCaller& caller;
    Reports* reports = nullptr;  // null: nothing is counted
};

// Who signed a request (service "execute-api").
struct Signer {
    std::string account, access_key;
};
using VerifySigner = std::function<std::optional<Signer>()>;

class DataPlane {
  public:
    // What `parts` refers to outlives it.
    static std::unique_ptr<DataPlane> make(DataPlaneOptions options, DataPlaneParts parts);
    virtual ~DataPlane() = default;  // after the server has stopped, and after functions have
    // Whether the host is an HTTP API's or a domain of one.
    virtual bool takes(const http::RequestHead& head) const = 0;
    // `verify` is called before handle() returns, if at all.
    virtual void handle(std::unique_ptr<http::Exchange> exchange, const VerifySigner& verify) = 0;
    // ResetAuthorizersCache.
    virtual void forget_answers(std::string_view api, std::string_view stage) = 0;
};

}  // namespace millrace::gateway::http_api
