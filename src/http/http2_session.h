// HTTP/2 on one connection, over nghttp2's session: the class behind make_http2. Only http2_*.cc include this.
//
// nghttp2 owns frames, HPACK, stream states and flow-control arithmetic; here are the exchanges. Each stream is one:
// its request is gathered or streamed as in HTTP/1, its answer becomes a header block and a data provider.
//
// Flow control is the back-pressure: the connection's window is returned as bytes come (else one slow reader would hold
// up its neighbours), a stream's window only as its bytes are taken in: by the worker that reads a streamed body, or by
// a gathered body that has its memory reserved. So a stream never holds more than window_bytes unasked.
//
// Abuse: a reset stream's exchange may still run, so exchanges under way are counted and not streams; over twice the
// allowed streams, new ones are refused. Resets above a rate end the connection (nghttp2's own limiter).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <nghttp2/nghttp2.h>

#include "src/http/body_pipe.h"
#include "src/http/connection.h"
#include "src/http/protocol.h"
#include "src/http/server_core.h"
#include "src/http/source_pump.h"

namespace millrace::http {

struct Http2Stream {
    enum class Sink : uint8_t { gather, stream, discard };

    int32_t id = 0;
    // The request.
    Request* request = nullptr;  // until it is handed over
    Sink sink = Sink::gather;
    std::shared_ptr<BodyPipe> pipe;
    size_t head_bytes = 0;
    int refuse_status = 0;  // found while the head came
    std::string_view refuse_message;
    bool has_authority = false;
    bool is_head = false;
    bool head_done = false;
    bool body_done = false;
    bool expects_continue = false;
    uint64_t received = 0;
    uint64_t budget_wanted = 0;
    uint64_t unreturned = 0;  // of the stream's window, while budget is wanted
    // The response.
    bool answered = false;
    bool deferred = false;  // the data provider waits for the pump
    std::string body;
    size_t offset = 0;  // sent of body, or of the pump's first chunk
    std::shared_ptr<SourcePump> pump;
    std::optional<uint64_t> left;  // of an announced length
    uint64_t sent = 0;
    // Progress, for the limits on slow peers.
    int64_t since_ms = 0;
    uint64_t since_received = 0;
    uint64_t since_rate_min = 0;  // that was asked of it then
    uint64_t since_sent = 0;
};

class Http2 final : public Protocol {
  public:
    explicit Http2(Connection& connection);
    ~Http2() override;

    size_t consume(std::string_view bytes) override;
    bool wants_bytes() override;
    void produce() override;
    void answer(uint64_t exchange_id, Response response) override;
    void peer_closed() override;
    void closed() override;
    void drain() override;
    size_t under_way() const override { return streams_.size(); }
    void budget_freed() override;
    Waiting waiting() override;
    void timed_out(Waiting what) override;
    void tick(int64_t now_ms) override;

    // nghttp2's callbacks: http2_read.cc
    int begin_headers(const nghttp2_frame& frame);
    int header(const nghttp2_frame& frame, std::string_view name, std::string_view value);
    int frame_received(const nghttp2_frame& frame);
    int data_received(int32_t stream_id, std::string_view data);
    int stream_closed(int32_t stream_id);
    // http2_write.cc
    ssize_t provide(int32_t stream_id, uint8_t* out, size_t size, uint32_t* flags);
    int frame_sent(const nghttp2_frame& frame);

    static constexpr uint32_t window_bytes = 512 * 1024;

  private:
    using Stream = Http2Stream;
    Stream* find(int32_t stream_id);
    void bad_request(Stream& stream, std::string_view message);
    void set_host(Stream& stream, std::string_view host);
    void set_path(Stream& stream, std::string_view target);
    void head_done(Stream& stream);
    void begin_gather(Stream& stream);
    void begin_stream(Stream& stream);
    void body_done(Stream& stream);
    void reserve(Stream& stream, uint64_t more);
    void return_window(Stream& stream, uint64_t bytes);
    void send_continue(Stream& stream);
    void refuse(Stream& stream, int status, std::string_view message);
    void submit(Stream& stream, Response response);
    void forget(Stream& stream);
    void check_pace(Stream& stream, int64_t now_ms);

    Connection& connection_;
    ServerCore& core_;
    nghttp2_session* session_ = nullptr;
    std::unordered_map<int32_t, std::unique_ptr<Stream>> streams_;
    std::vector<int32_t> deferred_;
    uint32_t exchanges_under_way_ = 0;
    bool draining_ = false;
};

}  // namespace millrace::http
