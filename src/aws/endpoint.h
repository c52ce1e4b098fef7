// The one endpoint: takes every HTTP exchange, finds its operation, verifies who asks, decodes, validates, runs the
// handler and answers in the dialect that was asked in.
//
//   begin   route by the head alone: S3's object bodies stream, everything else is gathered
//   handle  gathered: raw and direct operations go on right here, on the I/O thread; workers' are handed to the
//   executor
//           before anything costs time. Streamed exchanges are on the executor already.
//   then    verify (sigv4.h) -> decode (codec.h) -> refuse what is not honoured -> validate -> handler -> encode
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/aws/keys.h"
#include "src/aws/operation.h"
#include "src/base/scope.h"
#include "src/base/service_call.h"
#include "src/http/server.h"
#include "src/io/clock.h"
#include "src/io/executor.h"

namespace millrace::aws {

enum class Auth : uint8_t {
    off,   // nothing is verified; who asks is taken from what it says. For loopback alone: the caller sees to that
    sign,  // every request but those of open_routes must be signed with an active key
};

struct EndpointOptions {
    Auth auth = Auth::off;
    Scope default_scope;  // for unsigned requests
    uint32_t clock_skew_s_max = 300;
};

// A request to a route of our own, gathered. Valid until it is answered.
struct OwnCall {
    const http::RequestHead& head;
    std::string_view body;
    const Scope& caller;  // the account of the key that it is signed with
};
// A route of our own under /_millrace/, outside AWS's APIs. One of the two answers.
struct OwnRoute {
    std::string method;
    std::string path;                                                // "/_millrace/health"
    std::function<http::Response(const http::RequestHead&)> answer;  // on the I/O thread: must not block
    std::function<http::Response(const OwnCall&)> work = nullptr;    // on the executor: may block
};

// Requests to hosts or paths that are not AWS's APIs: function URLs, REST APIs. Asked before anything else, in the
// order in which they were added.
struct HostCall {
    std::unique_ptr<http::Exchange> exchange;  // its body is gathered; answer through it
    // Whose signature it carries (service `scope_service` in its credential scope); under Auth::off nothing is verified
    // and the account is the one it says. Valid while the call is unanswered.
    std::function<Outcome<std::string>(std::string_view scope_service)> account;
};
struct HostHandler {
    std::function<bool(const http::RequestHead&)> takes;  // on the I/O thread; cheap
    std::function<void(HostCall)> handle;                 // may answer later
    // Where `handle` runs: on the executor, where it may block; or on the I/O thread, where it must not.
    bool on_io_thread = false;
};

// The routes that need no signature under Auth::sign: exactly these.
struct OpenRoute {
    std::string_view method;
    std::string_view path;
};
inline constexpr OpenRoute open_routes[] = {
    {"GET", "/_millrace/health"},
    {"HEAD", "/_millrace/health"},
};
bool is_open(std::string_view method, std::string_view path);

class Endpoint : public http::Handler, public ServiceCaller {
  public:
    // Before the server starts. A path under /_millrace/ that is not in open_routes is verified like any request
    // (service name "millrace" in the credential scope).
    virtual void add_route(OwnRoute route) = 0;
    // Before the server starts. Whether such a request needs a signature is the handler's to say.
    virtual void add_host_handler(HostHandler handler) = 0;
    // GET /_millrace/health answers 200 {"status":"ready"} once told so, 503 {"status":"starting"} before.
    virtual void set_ready(bool ready) = 0;
};

// `keys`, `executor` and `clock` outlive the endpoint, as what the services' handlers refer to does. Stop the server
// before the endpoint goes.
std::unique_ptr<Endpoint> make_endpoint(EndpointOptions options, std::vector<Service> services, Keys& keys,
                                        io::Executor& executor, const io::Clock& clock);

}  // namespace millrace::aws
