// Lambda's Runtime API, served to one environment: what its process asks, and what it answers.
//
//     GET  /2018-06-01/runtime/invocation/next              waits here until there is an event
//     POST /2018-06-01/runtime/invocation/ID/response       what the handler returned
//     POST /2018-06-01/runtime/invocation/ID/error          what it raised
//     POST /2018-06-01/runtime/init/error                   it could not start
//
// The other side is user code: it may say anything at any time. Whatever is not one of those, in order, gets AWS's
// error object and changes nothing. HTTP/1.1 over TCP on the loopback interface, as AWS_LAMBDA_RUNTIME_API names a host
// and a port and the official clients take nothing else. Extensions, SnapStart's restore and response streaming are
// refused by name.
//
// A Loop's thread only.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace millrace::function {

class Loop;
class RuntimeApiConnection;

struct ApiEvent {  // what `next` answers
    std::string_view request_id;
    std::string_view payload;
    int64_t deadline_ms = 0;  // since 1970
    std::string_view invoked_arn;
    std::string_view trace_header;
    std::string_view client_context;  // "" where none
};

class RuntimeApiOwner {
  public:
    virtual ~RuntimeApiOwner() = default;
    virtual void on_next() = 0;  // a `next` waits: send() may be called, now or later
    // `request_id` has been checked. `type`: Lambda-Runtime-Function-Error-Type, "" where absent.
    virtual void on_response(std::string payload) = 0;
    virtual void on_response_too_large() = 0;  // instead of on_response
    virtual void on_error(std::string payload, std::string_view type) = 0;
    virtual void on_streaming_refused() = 0;  // instead of on_response
    virtual void on_init_error(std::string payload, std::string_view type) = 0;
};

class RuntimeApi {
  public:
    // Listens on a port of its own. `uid`: only sockets of that user are served (-1: anyone's), as all of the machine's
    // processes share the loopback interface.
    static Result<std::unique_ptr<RuntimeApi>> open(Loop& loop, RuntimeApiOwner& owner, uint64_t response_bytes_max,
                                                    int64_t uid);
    ~RuntimeApi();

    const std::string& address() const { return address_; }  // "127.0.0.1:43210"
    bool waiting() const { return waiting_ != nullptr; }
    // Answers the waiting `next`. After it the environment owes an answer to `event.request_id`.
    void send(const ApiEvent& event);
    // No answer is owed any more (it timed out).
    void forget() { owed_.clear(); }

  private:
    friend class RuntimeApiConnection;
    RuntimeApi(Loop& loop, RuntimeApiOwner& owner, uint64_t response_bytes_max, int64_t uid)
        : loop_(loop), owner_(owner), response_bytes_max_(response_bytes_max), uid_(uid) {}
    void accept();
    void close(RuntimeApiConnection* connection);
    void serve(RuntimeApiConnection& connection);
    void serve_next(RuntimeApiConnection& connection);
    void serve_answer(RuntimeApiConnection& connection, std::string_view id, std::string_view verb);

    Loop& loop_;
    RuntimeApiOwner& owner_;
    const uint64_t response_bytes_max_;
    const int64_t uid_;
    int listener_ = -1;
    uint16_t port_ = 0;
    std::string address_;
    std::list<std::shared_ptr<RuntimeApiConnection>> connections_;
    RuntimeApiConnection* waiting_ = nullptr;
    std::string owed_;  // the request id that an answer is owed to
};

}  // namespace millrace::function
