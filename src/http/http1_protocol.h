// HTTP/1.0 and 1.1 on one connection: the class behind make_http1. Only http1_*.cc include this.
//
// Requests are read one after the other; each opens a slot at the end of `slots_`. Answers come in any order and wait
// in their slots; responses leave from the front. So pipelined requests run side by side and are answered in order.
//
// A body goes one of three ways (Sink): gathered into the request and handed over whole; streamed into a pipe that a
// worker reads; or discarded, where the answer came before the body's end. A gathered body of known length is read from
// the socket straight to where it stays (direct_room).
//
// What can not be understood is answered with Handler::refuse and ends the connection, since where the next request
// begins is then unknown.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string_view>

#include "src/http/body_pipe.h"
#include "src/http/chunk_decoder.h"
#include "src/http/connection.h"
#include "src/http/head_parser.h"
#include "src/http/protocol.h"
#include "src/http/server_core.h"
#include "src/http/source_pump.h"

namespace millrace::http {

// One request under way, at its place in the order of answers.
struct Http1Slot {
    bool ready = false;
    bool keep_alive = true;  // after its response
    bool is_head = false;
    int version = 11;
    Response response;
};
// The response at the front, where its body is streamed.
struct Http1Streaming {
    std::shared_ptr<SourcePump> pump;    // null: `file` is sent
    std::unique_ptr<BodySource> source;  // owns the file's descriptor
    BodySource::FileRange file{};
    bool chunked = false;
    std::optional<uint64_t> left;  // of an announced length
    bool keep_alive = true;
};

class Http1 final : public Protocol {
  public:
    explicit Http1(Connection& connection);
    ~Http1() override;

    size_t consume(std::string_view bytes) override;
    bool wants_bytes() override;
    std::span<char> direct_room() override;
    void direct_filled(size_t bytes) override;
    void produce() override;
    void answer(uint64_t exchange_id, Response response) override;
    void peer_closed() override;
    void closed() override;
    void drain() override;
    size_t under_way() const override { return slots_.size(); }
    void budget_freed() override;
    Waiting waiting() override;
    uint64_t body_rate_min() override;
    void timed_out(Waiting what) override;
    void tick(int64_t) override {}

  private:
    enum class Reading : uint8_t { head, body, nothing };
    enum class Sink : uint8_t { gather, stream, discard };
    using Slot = Http1Slot;
    using Streaming = Http1Streaming;

    // http1_read.cc
    void head_done();
    void begin_gather();
    void begin_stream();
    size_t take_body(std::string_view bytes);
    bool take_data(std::string_view data);
    bool gather(std::string_view data);
    void body_done();
    void body_bad(int status, ErrorCode code, std::string_view message);
    void refuse(int status, std::string_view message);
    void stop_reading();
    void reserve(uint64_t more);
    void forget_reservation();
    void worker_wants_body(uint64_t exchange_id);
    bool is_chunked() const { return parser_.framing().chunked; }
    uint64_t last_id() const { return first_id_ + slots_.size() - 1; }

    // http1_write.cc
    void send_continue_if_due();
    void write_front();
    void begin_streaming(Slot& slot, bool chunked, bool keep_alive);
    void stream_front();
    void send_file();
    void end_front(bool keep_alive);

    Connection& connection_;
    ServerCore& core_;

    HeadParser parser_;
    ChunkDecoder chunks_;
    Request* request_ = nullptr;  // being read
    Reading reading_ = Reading::head;
    Sink sink_ = Sink::gather;
    uint64_t left_ = 0;               // of a body of announced length
    uint64_t received_ = 0;           // of the body
    uint64_t budget_wanted_ = 0;      // reading waits for that much of the memory budget
    bool continue_unsent_ = false;    // the peer waits for 100 Continue
    bool continue_due_ = false;       // and may have it
    bool last_ = false;               // the request being read is the connection's last
    bool draining_ = false;           // the server stops
    std::shared_ptr<BodyPipe> pipe_;  // of the streamed body being read

    std::deque<Slot> slots_;
    uint64_t first_id_ = 1;  // the exchange of slots_.front()
    std::optional<Streaming> streaming_;
};

}  // namespace millrace::http
