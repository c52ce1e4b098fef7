// One request of a REST API, from its arrival to its answer. Touched by one thread at a time: the exchange's I/O
// thread, to which everything that answers from elsewhere comes back by Exchange::post.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "src/gateway/access/access.h"
#include "src/gateway/mapping/template_objects.h"
#include "src/gateway/text/uri.h"
#include "src/http/server.h"
#include "src/vtl/value.h"

namespace millrace::gateway {

class CompiledStage;
class ExecutionLog;
struct CompiledMethod;

// What the exchange asked for, as its host and path say it.
struct Place {
    std::string api_id, stage;
    std::string path;          // below the stage, as sent: "/orders/17"
    std::string request_path;  // with what stands before: "/prod/orders/17" ($context.path)
    std::string event_path;    // what functions are shown: with a domain's base path, without the stage
    std::string domain_name, domain_prefix;
    bool custom_domain = false;  // else the API's own endpoint, by its host or by path
};

// What an integration answered, before it is mapped.
struct IntegrationAnswer {
    int status = 200;
    http::Headers headers;
    std::string body;
    std::string error_message;  // of a function that failed: selection patterns are held against it
    bool function_failed = false;
};

struct Call {
    std::unique_ptr<http::Exchange> exchange;
    Place place;
    VerifySignature verify;
    std::shared_ptr<const CompiledStage> stage;  // null until it is found, as is the method
    const CompiledMethod* method = nullptr;

    std::string request_id, extended_id, trace_id;
    TimestampMs received;
    std::chrono::steady_clock::time_point begun = std::chrono::steady_clock::now();
    std::map<std::string, std::string> path_parameters;  // decoded
    std::string rest_name, rest;                         // of {name+}: as it was sent
    Fields query;                                        // decoded
    std::string access_key;                              // that its signature names
    Identity identity;

    std::string_view body;  // of the request, after decompression and content handling
    std::string converted;  // what `body` lies in, where it was changed
    bool body_is_binary = false;
    Payload payload{""};  // of `body`

    // $context.error.*, where the request is refused.
    std::string error_message, error_type, validation_error;
    // $context.requestOverride and responseOverride, where a template made some.
    vtl::Value request_override, response_override;

    std::atomic<uint64_t> deadline{0};    // of the integration, in Deadlines, whose thread may be the first to look
    std::atomic<bool> integrated{false};  // the integration answered, or its time is over: who comes first
    std::chrono::steady_clock::time_point integration_begun;
    int integration_status = 0;
    int64_t integration_ms = -1;
    std::string integration_error, integration_request_id;
    int status = 0;                     // of the answer
    std::shared_ptr<ExecutionLog> log;  // where it is a test; null: nobody reads it

    const http::RequestHead& head() const { return exchange->head(); }
};
using CallRef = std::shared_ptr<Call>;

}  // namespace millrace::gateway
