// The data plane of REST APIs: requests to stages' methods, from their arrival to their answer.
//
//   place.h          which API and stage, by host and path
//   routes.h         which method
//   ../access        may it, and how often
//   checks.cc        required parameters, the body against its model
//   integrate.cc     the request as the integration wants it (templates, parameters), and the call
//   map_answer.cc    what it answered, as the method answers it
//   refuse.cc        gateway responses: everything that API Gateway itself answers
//   finish.cc        content encoding, ids, the answer, the access log
//
// A request stays on the I/O thread that it came on: calls of AWS operations begin there, and what is answered
// elsewhere comes back there (http::Exchange::post), so templates run on no other thread, above all not on the log's.
// HTTP integrations block, and have threads of their own.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "src/base/result.h"
#include "src/gateway/access/access.h"
#include "src/http/server.h"

namespace millrace {
class ServiceCaller;
}
namespace millrace::http {
class Outbound;
}
namespace millrace::io {
class Clock;
}

namespace millrace::gateway {

class Reports;

struct DataPlaneParts {
    RestApis& apis;
    Access& access;
    Reports* reports;  // null: nothing is told
    const io::Clock& clock;
    // function::Functions::invoke and invoke_later (which may block).
    std::function<void(function::Invocation, std::function<void(Result<function::InvocationResult>)>)> invoke;
    std::function<Result<std::string>(function::Invocation)> invoke_later;
    ServiceCaller& caller;
    http::Outbound& outbound;
};

struct DataPlaneOptions {
    uint32_t http_threads_max = 64;    // HTTP integrations at once, and calls that functions are to run later
    uint32_t http_waiting_max = 1024;  // over it: 500
    size_t stages_kept_max = 1000;     // read, in memory
};

// A method as TestInvokeMethod asks it: without authorization, API keys and throttles.
struct TestRequest {
    std::shared_ptr<const RestApi> api;  // as its owner has it now, deployed or not
    std::string resource_id, http_method;
    std::string path_and_query;  // "/orders/17?x=1"; "": the resource's own
    std::string body;
    http::Headers headers;
    TextMap stage_variables;
};
struct TestAnswer {
    int status = 0;
    http::Headers headers;
    std::string body;
    std::string log;  // of its way, a line a step
    int64_t latency_ms = 0;
};
// What a stage of that name would serve, were the API deployed now.
std::shared_ptr<const Served> served_for_test(const RestApi& api, std::string stage_name, TextMap variables);

class DataPlane {
  public:
    // What `parts` refers to outlives it.
    static std::unique_ptr<DataPlane> make(DataPlaneOptions options, DataPlaneParts parts);
    virtual ~DataPlane() = default;  // stops

    // On I/O threads; neither blocks.
    virtual bool takes(const http::RequestHead& head) const = 0;
    // `access_key`: that the request's signature names, "" where there is none.
    virtual void handle(std::unique_ptr<http::Exchange> exchange, std::string access_key, VerifySignature verify) = 0;
    // Blocks its thread for as long as the integration takes. not_found: the method; invalid_argument: the path is not
    // the resource's.
    virtual Result<TestAnswer> test(TestRequest request) = 0;
};

}  // namespace millrace::gateway
