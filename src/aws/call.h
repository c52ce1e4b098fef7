// What a handler knows about the call besides its input, and how the handlers that answer later do so.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "src/aws/failure.h"
#include "src/aws/protocol.h"
#include "src/base/named.h"
#include "src/base/scope.h"
#include "src/http/message.h"

namespace millrace::aws {

struct Shape;

struct CallContext {
    Scope scope;             // account of the key that signed, region of the credential scope
    std::string request_id;  // a UUID; 16 upper-case characters where the service is S3
    Protocol protocol = Protocol::json_1_1;
    std::string access_key;                   // "" where unsigned (--auth off)
    std::string_view service;                 // "kinesis"
    std::string_view operation;               // "PutRecords"
    const http::RequestHead* head = nullptr;  // valid while the call is unanswered
    // Where the client reached us, without a final slash: "http://127.0.0.1:4566". For URLs in answers.
    std::string endpoint;
    TimestampMs received;
    // S3: the bucket of a virtual-host style address ("" for path style).
    std::string virtual_bucket;
};

// An answer whose body is produced as it is sent (GetObject). `output` gives the headers; a body member of its is
// not encoded. A Content-Length among its header members becomes the response's.
template <class Output>
struct Streamed {
    Output output;
    std::unique_ptr<http::BodySource> source;  // null: no body (a HEAD, or an empty object)
    std::optional<uint64_t> source_size;
    int status = 0;  // 0: the model's; 206 for ranges
};

namespace detail {

struct CallState;  // endpoint.cc's

// A type-erased output on its way to the codec.
struct Answer {
    const Shape* shape = nullptr;
    const void* value = nullptr;  // valid during the call that hands it over
    std::unique_ptr<http::BodySource> source;
    std::optional<uint64_t> source_size;
    int status = 0;
};
void answer(CallState& call, Answer answer);
void answer(CallState& call, const Failure& failure);

}  // namespace detail

// The duty to answer a direct call. Copyable, so that it fits a std::function; answer through one copy, once, from any
// thread. Where the last copy goes unanswered the client gets a 500 and it counts as our bug.
template <class Output>
class Reply {
  public:
    explicit Reply(std::shared_ptr<detail::CallState> call) : call_(std::move(call)) {}
    void operator()(const Output& output) const {
        detail::answer(*call_, detail::Answer{&shape_of(static_cast<const Output*>(nullptr)), &output, {}, {}, 0});
    }
    void operator()(const Failure& failure) const { detail::answer(*call_, failure); }
    void operator()(const Outcome<Output>& outcome) const {
        outcome.ok() ? (*this)(outcome.value()) : (*this)(outcome.error());
    }

  private:
    std::shared_ptr<detail::CallState> call_;
};

// A hot operation's call: routed and verified, its body not yet decoded. Copyable; answer once, from any thread.
class RawCall {
  public:
    explicit RawCall(std::shared_ptr<detail::CallState> call) : call_(std::move(call)) {}

    const CallContext& context() const;
    Protocol protocol() const { return context().protocol; }
    // The whole body. At least 64 bytes after its end may be read (not written): simdjson parses it in place.
    // Valid until answered.
    std::string_view body() const;

    // The generic way in, for protocols that the hot path does not parse itself: decodes and validates.
    template <class Input>
    Outcome<Input> decode() const {
        Outcome<Input> input{Input{}};
        std::optional<Failure> failure = decode_into(shape_of(static_cast<const Input*>(nullptr)), &input.value());
        if (failure) return std::move(*failure);
        return input;
    }

    // 200 with a body in the call's protocol, formatted by the caller.
    void succeed(std::string body) const;
    // 200, encoded by the generic codec.
    template <class Output>
    void succeed(const Output& output) const {
        detail::answer(*call_, detail::Answer{&shape_of(static_cast<const Output*>(nullptr)), &output, {}, {}, 0});
    }
    void fail(const Failure& failure) const { detail::answer(*call_, failure); }

  private:
    std::optional<Failure> decode_into(const Shape& shape, void* input) const;
    std::shared_ptr<detail::CallState> call_;
};

}  // namespace millrace::aws
