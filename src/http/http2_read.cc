// HTTP/2: from frames to exchanges.
#include <algorithm>
#include <utility>

#include "src/http/characters.h"
#include "src/http/exchange.h"
#include "src/http/head_parser.h"
#include "src/http/http2.h"
#include "src/http/http2_session.h"
#include "src/io/executor.h"

namespace millrace::http {
namespace {

constexpr int32_t connection_window_bytes = 16 << 20;
constexpr size_t output_bytes_high = 1 << 20;  // waiting to be sent: no more frames are read
constexpr uint64_t reserve_step = 64 * 1024;   // for a body of unknown length
constexpr size_t field_overhead = 32;          // RFC 9113, section 10.5.1: how a header list is measured

Http2& self_of(void* user_data) {
    return *static_cast<Http2*>(user_data);
}

std::string_view view_of(const uint8_t* bytes, size_t size) {
    return {reinterpret_cast<const char*>(bytes), size};
}

nghttp2_session_callbacks* make_callbacks() {
    nghttp2_session_callbacks* callbacks = nullptr;
    MILLRACE_CHECK(nghttp2_session_callbacks_new(&callbacks) == 0);
    nghttp2_session_callbacks_set_on_begin_headers_callback(
        callbacks,
        [](nghttp2_session*, const nghttp2_frame* frame, void* user) { return self_of(user).begin_headers(*frame); });
    nghttp2_session_callbacks_set_on_header_callback(
        callbacks, [](nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name, size_t name_size,
                      const uint8_t* value, size_t value_size, uint8_t, void* user) {
            return self_of(user).header(*frame, view_of(name, name_size), view_of(value, value_size));
        });
    nghttp2_session_callbacks_set_on_frame_recv_callback(
        callbacks,
        [](nghttp2_session*, const nghttp2_frame* frame, void* user) { return self_of(user).frame_received(*frame); });
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
        callbacks, [](nghttp2_session*, uint8_t, int32_t id, const uint8_t* data, size_t size, void* user) {
            return self_of(user).data_received(id, view_of(data, size));
        });
    nghttp2_session_callbacks_set_on_stream_close_callback(
        callbacks, [](nghttp2_session*, int32_t id, uint32_t, void* user) { return self_of(user).stream_closed(id); });
    nghttp2_session_callbacks_set_on_frame_send_callback(
        callbacks,
        [](nghttp2_session*, const nghttp2_frame* frame, void* user) { return self_of(user).frame_sent(*frame); });
    return callbacks;
}

}  // namespace

std::unique_ptr<Protocol> make_http2(Connection& connection) {
    return std::make_unique<Http2>(connection);
}

Http2::Http2(Connection& connection) : connection_(connection), core_(connection.core()) {
    static const nghttp2_session_callbacks* const callbacks = make_callbacks();
    nghttp2_option* option = nullptr;
    MILLRACE_CHECK(nghttp2_option_new(&option) == 0);
    nghttp2_option_set_no_auto_window_update(option, 1);
    nghttp2_option_set_server_fallback_rfc7540_priorities(option, 0);
    MILLRACE_CHECK(nghttp2_session_server_new2(&session_, callbacks, this, option) == 0);
    nghttp2_option_del(option);
    nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, core_.limits.streams_per_connection_max},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, window_bytes},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, core_.limits.header_bytes_max},
        {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
    };
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, std::size(settings));
    nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, connection_window_bytes);
}

Http2::~Http2() {
    for (auto& [id, stream] : streams_) forget(*stream);
    streams_.clear();
    nghttp2_session_del(session_);
}

Http2Stream* Http2::find(int32_t stream_id) {
    auto found = streams_.find(stream_id);
    return found == streams_.end() ? nullptr : found->second.get();
}

bool Http2::wants_bytes() {
    return connection_.output().size() < output_bytes_high && nghttp2_session_want_read(session_) != 0;
}

size_t Http2::consume(std::string_view bytes) {
    ssize_t taken = nghttp2_session_mem_recv(session_, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
    // Negative: not HTTP/2, or a flood; nghttp2 has nothing more to say. Protocol errors have queued a GOAWAY instead.
    if (taken < 0) connection_.close();
    return taken < 0 ? bytes.size() : static_cast<size_t>(taken);
}

// ---------------------------------------------------------------- the head

int Http2::begin_headers(const nghttp2_frame& frame) {
    if (frame.hd.type != NGHTTP2_HEADERS || frame.headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    if (exchanges_under_way_ >= 2 * core_.limits.streams_per_connection_max) {
        nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, frame.hd.stream_id, NGHTTP2_REFUSED_STREAM);
        return 0;
    }
    auto stream = std::make_unique<Stream>();
    stream->id = frame.hd.stream_id;
    stream->request = connection_.loop().requests().take();
    stream->request->head.version = 20;
    stream->since_ms = connection_.loop().now_ms();
    streams_.emplace(frame.hd.stream_id, std::move(stream));
    return 0;
}

int Http2::header(const nghttp2_frame& frame, std::string_view name, std::string_view value) {
    Stream* stream = find(frame.hd.stream_id);
    if (!stream || stream->head_done) return 0;  // refused, or trailers, which are dropped
    stream->head_bytes += name.size() + value.size() + field_overhead;
    if (stream->head_bytes > core_.limits.header_bytes_max ||
        stream->request->head.headers.size() >= HeadParser::fields_max) {
        stream->refuse_status = 431;
        stream->refuse_message = "The request's header is larger than this server allows.";
        // A little over is told so; a bomb of references to one large field is cut.
        bool bomb = stream->head_bytes > 4 * uint64_t{core_.limits.header_bytes_max};
        return bomb ? NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE : 0;
    }
    RequestHead& head = stream->request->head;
    if (name.starts_with(':')) {
        if (name == ":method") head.method.assign(value);
        if (name == ":path") set_path(*stream, value);
        if (name == ":authority") {
            stream->has_authority = true;
            set_host(*stream, value);
        }
        return 0;
    }
    if (name == "host") {
        // The two name one host, or readers that look at one of them disagree (RFC 9113, section 8.3.1).
        if (!stream->has_authority) {
            set_host(*stream, value);
        } else if (value != head.headers.get("host")) {
            bad_request(*stream, "The request's Host is not its :authority.");
        }
        return 0;
    }
    if (name == "cookie") {  // comes in crumbs (section 8.2.3); everybody else knows it as one field
        if (const std::string* crumbs = head.headers.find(name)) {
            head.headers.set(name, *crumbs + "; " + std::string(value));
            return 0;
        }
    }
    if (name == "expect") stream->expects_continue = value == "100-continue";
    if (name == "content-length") {
        uint64_t length = 0;  // nghttp2 has checked that it is a number, once, and checks that the body has it
        for (char c : value) length = length * 10 + static_cast<uint64_t>(c - '0');
        head.content_length = length;
    }
    head.headers.add(name, value);
    return 0;
}

void Http2::bad_request(Stream& stream, std::string_view message) {
    stream.refuse_status = 400;
    stream.refuse_message = message;
}

void Http2::set_host(Stream& stream, std::string_view host) {
    if (!is_host(host)) bad_request(stream, "The request's Host is not a host.");
    stream.request->head.headers.set("host", host);
}

void Http2::set_path(Stream& stream, std::string_view target) {
    RequestHead& head = stream.request->head;
    if (target.size() > HeadParser::target_bytes_max) {
        stream.refuse_status = 414;
        stream.refuse_message = "The request's target is too long.";
        return;
    }
    for (char c : target) {
        auto byte = static_cast<unsigned char>(c);
        if (byte > 0x20 && byte != 0x7f && c != '#') continue;
        bad_request(stream, "The request's target has a forbidden character.");
    }
    size_t question = target.find('?');
    head.path.assign(target.substr(0, question));
    if (question != std::string_view::npos) head.query.assign(target.substr(question + 1));
}

int Http2::frame_received(const nghttp2_frame& frame) {
    if (frame.hd.type != NGHTTP2_HEADERS && frame.hd.type != NGHTTP2_DATA) return 0;
    Stream* stream = find(frame.hd.stream_id);
    if (!stream) return 0;
    bool is_head = frame.hd.type == NGHTTP2_HEADERS && frame.headers.cat == NGHTTP2_HCAT_REQUEST;
    bool is_end = frame.hd.flags & NGHTTP2_FLAG_END_STREAM;
    if (is_head) {
        stream->head_done = true;
        stream->body_done = is_end;
        head_done(*stream);
    } else if (is_end && !stream->body_done) {
        stream->body_done = true;
        body_done(*stream);
    }
    return 0;
}

void Http2::head_done(Stream& stream) {
    RequestHead& head = stream.request->head;
    head.secure = connection_.is_secure();
    head.peer_address.assign(connection_.peer_address());
    head.peer_port = connection_.peer_port();
    stream.is_head = head.method == "HEAD";
    core_.requests.fetch_add(1, std::memory_order_relaxed);
    if (stream.refuse_status != 0) return refuse(stream, stream.refuse_status, stream.refuse_message);
    // CONNECT has no path; we are no proxy.
    if (head.path.empty()) return refuse(stream, 400, "The request has no path.");
    // nghttp2 sees to that under the schemes http and https alone.
    if (head.path[0] != '/' && !(head.path == "*" && head.method == "OPTIONS")) {
        return refuse(stream, 400, "The request's target is not a path.");
    }
    if (core_.handler.begin(head) == BodyMode::gathered) {
        begin_gather(stream);
    } else {
        begin_stream(stream);
    }
}

// ---------------------------------------------------------------- gathered

void Http2::begin_gather(Stream& stream) {
    stream.sink = Stream::Sink::gather;
    uint64_t length = stream.request->head.content_length.value_or(0);
    if (length > core_.limits.gathered_body_bytes_max) {
        return refuse(stream, 413, "The request's body is larger than allowed.");
    }
    if (stream.body_done) return body_done(stream);
    if (length > 0) reserve(stream, length);
    if (stream.expects_continue) send_continue(stream);
}

void Http2::reserve(Stream& stream, uint64_t more) {
    Request* request = stream.request;
    if (!core_.budget.reserve(more, request->reserved_bytes, request)) {
        stream.budget_wanted = more;
        connection_.loop().await_budget(connection_.shared_from_this());
        return;
    }
    request->reserved_bytes += more;
    if (request->head.content_length) request->body.reserve(static_cast<size_t>(*request->head.content_length));
    return_window(stream, std::exchange(stream.unreturned, 0));
}

void Http2::return_window(Stream& stream, uint64_t bytes) {
    if (bytes > 0) nghttp2_session_consume_stream(session_, stream.id, static_cast<size_t>(bytes));
}

void Http2::budget_freed() {
    for (auto& [id, stream] : streams_) {
        uint64_t wanted = std::exchange(stream->budget_wanted, 0);
        if (wanted == 0) continue;
        core_.budget.stop_waiting();
        reserve(*stream, wanted);
    }
}

// ---------------------------------------------------------------- streamed

void Http2::begin_stream(Stream& stream) {
    stream.sink = Stream::Sink::stream;
    if (stream.request->head.content_length.value_or(0) > core_.limits.streamed_body_bytes_max) {
        return refuse(stream, 413, "The request's body is larger than allowed.");
    }
    auto pipe = std::make_shared<BodyPipe>();
    std::weak_ptr<Connection> weak = connection_.weak_from_this();
    BodyPipe::Hooks hooks;
    if (stream.expects_continue && !stream.body_done) {
        hooks.wanted = [this, weak, id = stream.id] {
            auto connection = weak.lock();
            if (!connection) return;
            connection->loop().post([this, connection, id] {
                if (connection->is_closed()) return;
                if (Stream* wanted = find(id)) send_continue(*wanted);
                connection->advance();
            });
        };
    }
    hooks.taken = [this, weak, id = stream.id](size_t bytes) {
        auto connection = weak.lock();
        if (!connection) return;
        connection->loop().post([this, connection, id, bytes] {
            if (connection->is_closed()) return;
            if (Stream* taken = find(id)) return_window(*taken, bytes);
            connection->advance();
        });
    };
    pipe->set_hooks(std::move(hooks));
    stream.pipe = pipe;
    ++exchanges_under_way_;
    auto exchange = std::make_shared<std::unique_ptr<Exchange>>(
        std::make_unique<ServerExchange>(connection_.shared_from_this(), static_cast<uint64_t>(stream.id),
                                         std::exchange(stream.request, nullptr), std::move(pipe)));
    if (stream.body_done) body_done(stream);
    if (core_.uploads.submit([exchange, &handler = core_.handler] { handler.handle(std::move(*exchange)); })) return;
    core_.refused.fetch_add(1);
    (*exchange)->respond(core_.handler.refuse(&(*exchange)->head(), 503, "The server is busy. Try again."));
}

void Http2::send_continue(Stream& stream) {
    if (!std::exchange(stream.expects_continue, false) || stream.received > 0 || stream.answered) return;
    uint8_t name[] = ":status";
    uint8_t value[] = "100";
    nghttp2_nv field{name, value, 7, 3, NGHTTP2_NV_FLAG_NONE};
    nghttp2_submit_headers(session_, NGHTTP2_FLAG_NONE, stream.id, nullptr, &field, 1, nullptr);
}

// ---------------------------------------------------------------- any body

int Http2::data_received(int32_t stream_id, std::string_view data) {
    nghttp2_session_consume_connection(session_, data.size());
    Stream* stream = find(stream_id);
    if (!stream) return 0;
    stream->received += data.size();
    switch (stream->sink) {
        case Stream::Sink::discard:
            break;  // the window is not returned: the sender stalls until the answer is out
        case Stream::Sink::stream:
            if (stream->received > core_.limits.streamed_body_bytes_max) {
                stream->pipe->fail({ErrorCode::resource_exhausted, "The request's body is larger than allowed."});
                stream->sink = Stream::Sink::discard;
                break;
            }
            stream->pipe->push(data);
            break;
        case Stream::Sink::gather: {
            if (stream->received > core_.limits.gathered_body_bytes_max) {
                refuse(*stream, 413, "The request's body is larger than allowed.");
                break;
            }
            Request* request = stream->request;
            request->body.append(data);
            stream->unreturned += data.size();
            uint64_t held = request->body.size();
            if (held > request->reserved_bytes) {
                core_.budget.charge(held - request->reserved_bytes);
                request->reserved_bytes = held;
                if (stream->budget_wanted == 0) reserve(*stream, std::max(held, reserve_step));
                if (stream->budget_wanted > 0 && core_.budget.overdrawn()) {
                    refuse(*stream, 503, "The server holds as many unfinished requests as it can. Try again.");
                }
            } else if (stream->budget_wanted == 0) {
                return_window(*stream, std::exchange(stream->unreturned, 0));
            }
            break;
        }
    }
    return 0;
}

void Http2::body_done(Stream& stream) {
    if (stream.sink == Stream::Sink::stream) return stream.pipe->finish();
    if (stream.sink == Stream::Sink::discard) return;
    if (std::exchange(stream.budget_wanted, 0) > 0) core_.budget.stop_waiting();
    stream.request->body.pad();
    ++exchanges_under_way_;
    auto exchange = std::make_unique<ServerExchange>(connection_.shared_from_this(), static_cast<uint64_t>(stream.id),
                                                     std::exchange(stream.request, nullptr), nullptr);
    core_.handler.handle(std::move(exchange));
}

// ---------------------------------------------------------------- ends

int Http2::stream_closed(int32_t stream_id) {
    auto found = streams_.find(stream_id);
    if (found == streams_.end()) return 0;
    forget(*found->second);
    streams_.erase(found);
    return 0;
}

void Http2::forget(Stream& stream) {
    if (std::exchange(stream.budget_wanted, 0) > 0) core_.budget.stop_waiting();
    if (stream.pipe) stream.pipe->fail({ErrorCode::cancelled, "The peer ended the request."});
    if (stream.request) {
        core_.budget.release(stream.request->reserved_bytes, stream.request);
        connection_.loop().requests().give_back(std::exchange(stream.request, nullptr));
    }
}

void Http2::peer_closed() {
    connection_.close();  // nothing can be finished: our acknowledgements have no reader
}

void Http2::closed() {
    for (auto& [id, stream] : streams_) {
        if (std::exchange(stream->budget_wanted, 0) > 0) core_.budget.stop_waiting();
        if (stream->pipe) stream->pipe->fail({ErrorCode::cancelled, "The peer closed the connection."});
    }
}

void Http2::drain() {
    draining_ = true;
    nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(session_),
                          NGHTTP2_NO_ERROR, nullptr, 0);
}

Waiting Http2::waiting() {
    return streams_.empty() ? Waiting::request : Waiting::nothing;  // streams have their own clocks: tick()
}

void Http2::timed_out(Waiting) {
    nghttp2_session_terminate_session(session_, NGHTTP2_NO_ERROR);
}

void Http2::tick(int64_t now_ms) {
    std::vector<int32_t> ids;
    for (auto& [id, stream] : streams_) ids.push_back(id);
    for (int32_t id : ids) {
        if (Stream* stream = find(id)) check_pace(*stream, now_ms);
    }
    connection_.loop().advance_soon(&connection_);
}

void Http2::check_pace(Stream& stream, int64_t now_ms) {
    const Limits& limits = core_.limits;
    int64_t waited = now_ms - stream.since_ms;
    if (!stream.head_done) {
        if (waited >= limits.header_ms_max) nghttp2_session_terminate_session(session_, NGHTTP2_ENHANCE_YOUR_CALM);
        return;
    }
    bool wants_body = !stream.body_done && !stream.answered && !stream.expects_continue && stream.budget_wanted == 0 &&
                      stream.sink != Stream::Sink::discard && !(stream.pipe && stream.pipe->room() <= window_bytes);
    // Something to send, and the peer's window does not open.
    bool wants_window = stream.answered && !stream.deferred;
    if (!wants_body && !wants_window) {
        stream.since_ms = now_ms;
        stream.since_received = stream.received;
        stream.since_sent = stream.sent;
        stream.since_rate_min = 0;
        return;
    }
    if (waited < limits.slow_window_ms) return;
    uint64_t moved = wants_body ? stream.received - stream.since_received : stream.sent - stream.since_sent;
    stream.since_ms = now_ms;
    stream.since_received = stream.received;
    stream.since_sent = stream.sent;
    const uint64_t rate_min = std::max(stream.since_rate_min, uint64_t{limits.body_bytes_per_s_min});
    const bool gathers = wants_body && stream.sink == Stream::Sink::gather && stream.request != nullptr;
    stream.since_rate_min = gathers ? core_.budget.contended_rate_min(stream.request->reserved_bytes) : 0;
    if (moved >= rate_min * limits.slow_window_ms / 1000) return;
    if (wants_window) {
        nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream.id, NGHTTP2_CANCEL);
    } else if (stream.sink == Stream::Sink::stream) {
        stream.pipe->fail({ErrorCode::deadline_exceeded, "The request's body comes too slowly."});
        stream.sink = Stream::Sink::discard;
    } else {
        refuse(stream, 408, "The request's body comes too slowly.");
    }
}

}  // namespace millrace::http
