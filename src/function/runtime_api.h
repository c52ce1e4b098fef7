// Lambda's Runtime API, served to one environment: what its process asks, and what it answers.
//
//     GET  /2018-06-01/runtime/invocation/next              waits here until there is an event
//     POST /2018-06-01/runtime/invocation/ID/response       what the handler returned, whole or as it comes
//     POST /2018-06-01/runtime/invocation/ID/error          what it raised
//     POST /2018-06-01/runtime/init/error                   it could not start
//
// The other side is user code: it may say anything at any time. Whatever is not one of those, in order, gets AWS's
// error object and changes nothing. HTTP/1.1 over TCP on the loopback interface, as AWS_LAMBDA_RUNTIME_API names a host
// and a port and the official clients take nothing else. Extensions and SnapStart's restore are refused by name.
//
// An answer that is streamed has Lambda-Runtime-Function-Response-Mode: streaming, any content type, and where it fails
// half-way trailers that say why:
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming
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
    // Instead of on_response, between an event's send() and forget(): its beginning, its pieces, and one of the ends.
    virtual void on_stream_begin(std::string_view content_type) = 0;
    virtual void on_stream_data(std::string_view bytes) = 0;
    // `error_type` and `error_body` (in base64) are the trailers; "" where there are none: it is whole.
    virtual void on_stream_end(std::string_view error_type, std::string_view error_body) = 0;
    virtual void on_stream_broken() = 0;  // its connection ended before it: forget() follows
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
    // No answer is owed any more (it timed out). The rest of one that is being streamed is dropped.
    void forget() {
        owed_.clear();
        dropping_ = streaming_ != nullptr;
        resume_stream();
    }
    // Holds up a process that streams its answer, and lets it go on.
    void pause_stream();
    void resume_stream();

  private:
    friend class RuntimeApiConnection;
    RuntimeApi(Loop& loop, RuntimeApiOwner& owner, uint64_t response_bytes_max, int64_t uid)
        : loop_(loop), owner_(owner), response_bytes_max_(response_bytes_max), uid_(uid) {}
    void accept();
    void close(RuntimeApiConnection* connection);
    void serve(RuntimeApiConnection& connection);
    void serve_next(RuntimeApiConnection& connection);
    bool begin_stream(RuntimeApiConnection& connection);
    bool take_stream(std::string_view bytes);
    void end_stream(RuntimeApiConnection& connection);
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
    RuntimeApiConnection* streaming_ = nullptr;
    bool dropping_ = false;  // what streaming_ still sends
    uint64_t dropped_ = 0;
};

}  // namespace millrace::function
