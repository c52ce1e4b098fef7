// The steps of a request, in the order of data_plane.h's list. Each ends by calling the next, or one that answers.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "src/gateway/integration/deadlines.h"
#include "src/gateway/integration/host_turns.h"
#include "src/gateway/mapping/template_objects.h"
#include "src/gateway/rest/call.h"
#include "src/gateway/rest/compiled.h"
#include "src/gateway/rest/data_plane.h"
#include "src/io/executor.h"

namespace millrace {
struct ServiceCall;
}

namespace millrace::gateway {

// What API Gateway itself answers.
struct Refusal {
    std::string_view type;  // of gateway responses: "BAD_REQUEST_BODY"
    int status = 500;
    std::string message;     // "": {"message":null}
    std::string error_type;  // x-amzn-ErrorType
    std::string validation = {};
};

// The request as the integration gets it.
struct MappedRequest {
    std::map<std::string, std::string> path;  // decoded
    std::set<std::string> rests;              // those of `path` that stand for the request's {name+}
    Fields query;
    http::Headers headers;
    std::string body;
};

class Engine final : public DataPlane {
  public:
    Engine(DataPlaneOptions options, DataPlaneParts parts);
    ~Engine() override;

    bool takes(const http::RequestHead& head) const override;
    void handle(std::unique_ptr<http::Exchange> exchange, std::string access_key, VerifySignature verify) override;
    Result<TestAnswer> test(TestRequest request) override;  // test_call.cc

  private:
    std::shared_ptr<const CompiledStage> stage_of(const Place& place);
    void admit(const CallRef& call, std::string access_key);

    // checks.cc
    void check(const CallRef& call);

    // integrate.cc
    void integrate(const CallRef& call);
    bool map_request(const CallRef& call, MappedRequest* out);
    std::string filled(const Call& call, const UriPattern& uri, const MappedRequest& mapped, bool encode) const;
    void call_mock(const CallRef& call, const MappedRequest& mapped);
    void call_function(const CallRef& call, MappedRequest mapped);
    void call_service(const CallRef& call, MappedRequest mapped);
    void call_http(const CallRef& call, MappedRequest mapped);
    // `late`: API Gateway's answer when the integration takes too long.
    void begin_integration(const CallRef& call);
    // A step over so many bytes: at once where they are few, else on a thread that may take long over them.
    static constexpr size_t io_thread_bytes_max = 256 << 10;
    void run(const CallRef& call, size_t bytes, std::function<void()> step);
    // From any thread: the first of the integration and its deadline goes on, on the I/O thread.
    void ended(const CallRef& call, std::function<void(const CallRef&)> then);

    // map_answer.cc
    void map_answer(const CallRef& call, IntegrationAnswer answer);
    void answer_proxied(const CallRef& call, IntegrationAnswer answer);
    void answer_function_proxy(const CallRef& call, std::string_view payload);

    // refuse.cc
    void refuse(const CallRef& call, Refusal refusal);
    // 500 {"message": "Internal server error"}; `why` is for $context.integration.error.
    void misconfigured(const CallRef& call, std::string why);

    // finish.cc
    void finish(const CallRef& call, http::Response response);

    const DataPlaneOptions options_;
    const DataPlaneParts parts_;
    std::mutex mutex_;                                                                 // guards stages_
    std::map<std::string, std::shared_ptr<const CompiledStage>, std::less<>> stages_;  // by "api/stage"
    const std::unique_ptr<Deadlines> deadlines_;
    const std::unique_ptr<io::Executor> heavy_;  // large bodies: they compute
    HostTurns turns_;                            // HTTP integrations, and what functions are to do later: they block
};

}  // namespace millrace::gateway
