// What is told of a request once it is answered: a line of the stage's access log, and the stage's metrics.
//
// Access logs: AccessLogSettings' format with its $context variables filled in, one line a request, to a log group
// (src/journal, a log stream a stage) or to a Firehose stream whose name begins with
// "amazon-apigateway-". https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
//
// Metrics: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
//
// Any thread; never blocks, never fails a request. Lines are dropped and counted where too many wait.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/gateway/rest_apis.h"

namespace millrace {
class ServiceCaller;
}
namespace millrace::io {
class Clock;
}
namespace millrace::journal {
class Journal;
}

namespace millrace::gateway {

struct FinishedRequest {
    std::shared_ptr<const Served> served;
    std::string_view resource_path;  // "/orders/{id}"; "" where no resource was found
    std::string_view http_method;
    int status = 0;
    int64_t latency_ms = 0;               // from the whole request's arrival to the answer
    int64_t integration_latency_ms = -1;  // -1: no integration was called
    uint64_t response_bytes = 0;
    // The value of "requestId", "identity.sourceIp", "authorizer.tenant", ...: $context without its "$context.". Asked
    // for names that the format has and only before finished() returns; nullopt prints "-", as AWS does. status,
    // responseLength, responseLatency and integrationLatency are known from the above and not asked for.
    std::function<std::optional<std::string>(std::string_view name)> context;
};

// One of an HTTP API.
struct CountedRequest {
    std::string_view account, api, stage;
    std::string_view http_method = {}, resource_path = {};  // "": its stage has no detailed metrics
    int status = 0;
    int64_t latency_ms = 0;
    int64_t integration_latency_ms = -1;  // -1: no integration was called
};

struct ReportsParts {
    const io::Clock& clock;
    journal::Journal& journal;
    // For Firehose; may be set later (the caller is made after the engines), null: such lines are dropped and counted.
    std::function<ServiceCaller*()> caller;
};

class Reports {
  public:
    // What `parts` refers to outlives it.
    static std::unique_ptr<Reports> make(ReportsParts parts);
    virtual ~Reports() = default;  // drops what waits

    virtual void finished(const FinishedRequest& request) = 0;
    // The same figures, without a line.
    virtual void count(const CountedRequest& request) = 0;

    // Prometheus's text, of an account's APIs: count, 4xx, 5xx, latency and integration latency by api and stage, and
    // by method where the stage's settings ask for it ("detailed metrics"). At most series_max series; what is over is
    // counted as one.
    virtual std::string prometheus(std::string_view account) const = 0;
    static constexpr size_t series_max = 2'000;
    // Lines of access logs that were not handed over, since the start.
    virtual uint64_t lines_dropped() const = 0;
    // Hands over the lines that wait for Firehose and waits for its answers, `ms_max` at most: for a stop, while there
    // is a caller.
    virtual void drain(int64_t ms_max) = 0;
};

// For UpdateStage: whether a format and a destination can be used. invalid_argument. AWS wants $context.requestId (or
// $context.extendedRequestId) in every format. The destination is of the API's own `account`: lines are written in
// process, where nobody asks who writes.
Status check_access_log(std::string_view format, std::string_view destination, std::string_view account);

}  // namespace millrace::gateway
