// The parts of the data plane, for data_plane.cc (the way of a request) and what stands beside it: who may
// (authorize.cc) and what then answers (integrate_function.cc, integrate_http.cc, integrate_service.cc).
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "src/base/service_call.h"
#include "src/function/functions.h"
#include "src/gateway/http_api/answer_cache.h"
#include "src/gateway/http_api/call.h"
#include "src/gateway/http_api/data_plane.h"
#include "src/gateway/http_api/function_uri.h"
#include "src/gateway/http_api/jwt/issuers.h"
#include "src/gateway/integration/deadlines.h"
#include "src/gateway/integration/host_turns.h"
#include "src/http/outbound/outbound.h"
#include "src/io/clock.h"
#include "src/io/executor.h"

namespace millrace::gateway::http_api {

struct Plane {
    DataPlaneParts parts;
    AnswerCache answers;
    std::unique_ptr<Deadlines> deadlines;
    std::unique_ptr<Issuers> issuers;
    std::unique_ptr<io::Executor> issuing;  // fetches of issuers' keys; its tasks use all of the above, as do
    std::unique_ptr<HostTurns> outward;     // HTTP_PROXY
};

// The end of every request, whoever comes first: response parameters are mapped before. `error`: for Call::error, which
// nobody else may write once there is an integration, as its answer and its deadline are of two threads. Any thread.
void finish(Plane& plane, const CallRef& call, http::Response response, std::string error = {});

// Calls `admitted` where the route lets the request in (perhaps later, on another thread), else finishes it.
void authorize(Plane& plane, const CallRef& call, const VerifySigner& verify, std::function<void()> admitted);

void integrate(Plane& plane, const CallRef& call);
void call_function(Plane& plane, const CallRef& call);
void call_url(Plane& plane, const CallRef& call);
void call_service(Plane& plane, const CallRef& call);
// What an integration answered: parameters are mapped, then it is as finish().
void integrated(Plane& plane, const CallRef& call, http::Response response, std::string error = {});

}  // namespace millrace::gateway::http_api
