// One connection of a process to its Runtime API: one request at a time, the body gathered up to a bound, or handed on
// as it comes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "src/http/chunk_decoder.h"
#include "src/http/head_parser.h"
#include "src/http/message.h"

namespace millrace::function {

class Loop;

class RuntimeApiConnection {
  public:
    struct Callbacks {
        std::function<void()> on_request;  // request() is whole; answer() now or later
        std::function<void()> on_closed;   // the peer is gone or broke the rules; called once
        // The head of a request with Lambda-Runtime-Function-Response-Mode: streaming. True: its body comes through
        // on_data, then on_request; false: it is gathered as any other.
        std::function<bool()> on_stream;
        std::function<bool(std::string_view)> on_data;  // false: enough, the connection is closed
    };
    // Takes the descriptor. A body over `body_bytes_max` is dropped as it comes, and body_too_large() says so.
    RuntimeApiConnection(Loop& loop, int descriptor, uint64_t body_bytes_max, Callbacks callbacks);
    ~RuntimeApiConnection();
    RuntimeApiConnection(const RuntimeApiConnection&) = delete;
    RuntimeApiConnection& operator=(const RuntimeApiConnection&) = delete;

    const http::RequestHead& request() const { return head_; }
    std::string take_body() { return std::move(body_); }
    bool body_too_large() const { return too_large_; }
    bool streamed() const { return streamed_; }                  // its body has gone through on_data
    const http::Headers& trailers() const { return trailers_; }  // of a streamed body
    // No more of a streamed body is read until resume(): the peer waits when it writes. May be called from on_data.
    void pause();
    void resume();  // not from a callback
    // `fields`: whole header lines, each with its CR LF. After it the next request may come.
    void answer(int status, std::string_view content_type, std::string_view fields, std::string_view body);

  private:
    enum class State : uint8_t { head, body, answering, closed };
    void on_event(uint32_t events);
    void read();
    void parse();
    bool parse_head();
    bool parse_body();
    void take(std::string_view data);
    void keep_trailer(std::string_view line);
    void whole();
    void flush();
    void fail(int status, std::string_view message);
    void close();

    Loop& loop_;
    int descriptor_;
    const uint64_t body_bytes_max_;
    Callbacks callbacks_;
    State state_ = State::head;
    http::HeadParser parser_;
    http::ChunkDecoder chunks_;
    http::RequestHead head_;
    http::Headers trailers_;
    std::string input_;
    std::string body_;
    uint64_t body_left_ = 0;     // of a body with a length
    uint64_t body_dropped_ = 0;  // bytes past body_bytes_max
    bool too_large_ = false;
    bool streamed_ = false;
    bool paused_ = false;
    bool parsing_ = false;
    std::string output_;
    size_t sent_ = 0;
    bool close_after_ = false;
};

}  // namespace millrace::function
