// HTTP/1: from bytes to exchanges.
#include <algorithm>
#include <utility>

#include "src/http/exchange.h"
#include "src/http/http1.h"
#include "src/http/http1_protocol.h"
#include "src/io/executor.h"

namespace millrace::http {
namespace {

constexpr size_t pipelined_max = 128;               // requests under way on one connection
constexpr size_t output_bytes_high = 1 << 20;       // waiting to be sent: no more requests are read
constexpr uint64_t discard_bytes_max = 256 * 1024;  // of an unwanted body; a longer one costs the connection
constexpr uint64_t reserve_step = 64 * 1024;        // for a body of unknown length

}  // namespace

std::unique_ptr<Protocol> make_http1(Connection& connection) {
    return std::make_unique<Http1>(connection);
}

Http1::Http1(Connection& connection)
    : connection_(connection), core_(connection.core()), parser_(core_.limits.header_bytes_max) {}

Http1::~Http1() {
    if (request_) {
        core_.budget.release(request_->reserved_bytes, request_);
        connection_.loop().requests().give_back(request_);
    }
    for (Slot& slot : slots_) discard_source(std::move(slot.response.source), core_.executor);
    if (streaming_) discard_source(std::move(streaming_->source), core_.executor);
}

void Http1::closed() {
    forget_reservation();
    if (pipe_) pipe_->fail({ErrorCode::cancelled, "The peer closed the connection."});
}

void Http1::drain() {
    draining_ = true;
}

bool Http1::wants_bytes() {
    switch (reading_) {
        case Reading::head:
            if (draining_ && !parser_.started()) return false;
            return slots_.size() < pipelined_max && connection_.output().size() < output_bytes_high;
        case Reading::body:
            return sink_ == Sink::stream ? pipe_->room() > 0 : budget_wanted_ == 0;
        case Reading::nothing:
            return true;
    }
    return false;
}

size_t Http1::consume(std::string_view bytes) {
    size_t used = 0;
    while (used < bytes.size() && reading_ != Reading::nothing) {
        if (!wants_bytes()) return used;
        std::string_view rest = bytes.substr(used);
        size_t taken = 0;
        if (reading_ == Reading::body) {
            taken = take_body(rest);
            if (taken == 0 && reading_ == Reading::body) return used;
            used += taken;
            continue;
        }
        if (!request_) request_ = connection_.loop().requests().take();
        switch (parser_.feed(rest, &taken, &request_->head)) {
            case HeadParser::Outcome::more:
                return used + taken;
            case HeadParser::Outcome::bad:
                refuse(parser_.status(), parser_.message());
                break;
            case HeadParser::Outcome::done:
                used += taken;
                head_done();
                break;
        }
    }
    return reading_ == Reading::nothing ? bytes.size() : used;
}

void Http1::head_done() {
    RequestHead& head = request_->head;
    head.secure = connection_.is_secure();
    head.peer_address.assign(connection_.peer_address());
    head.peer_port = connection_.peer_port();
    core_.requests.fetch_add(1, std::memory_order_relaxed);

    const Framing& framing = parser_.framing();
    Slot& slot = slots_.emplace_back();
    slot.keep_alive = framing.keep_alive;
    slot.is_head = head.method == "HEAD";
    slot.version = head.version;
    last_ = !framing.keep_alive;
    left_ = head.content_length.value_or(0);
    received_ = 0;
    continue_unsent_ = framing.expect_continue && (left_ > 0 || framing.chunked);
    continue_due_ = false;
    chunks_.reset();
    reading_ = Reading::body;
    if (core_.handler.begin(head) == BodyMode::gathered) {
        begin_gather();
    } else {
        begin_stream();
    }
}

// ---------------------------------------------------------------- gathered

void Http1::begin_gather() {
    sink_ = Sink::gather;
    if (left_ > core_.limits.gathered_body_bytes_max) return refuse(413, "The request's body is larger than allowed.");
    if (left_ == 0 && !is_chunked()) return body_done();
    continue_due_ = true;
    if (!is_chunked()) reserve(left_);
}

void Http1::reserve(uint64_t more) {
    if (!core_.budget.reserve(more, request_->reserved_bytes, request_)) {
        budget_wanted_ = more;
        connection_.loop().await_budget(connection_.shared_from_this());
        return;
    }
    request_->reserved_bytes += more;
    // Room of a large body is taken from the kernel page by page as bytes come, so a promise costs no memory.
    if (!is_chunked()) request_->body.reserve(static_cast<size_t>(left_));
}

void Http1::forget_reservation() {
    if (std::exchange(budget_wanted_, 0) > 0) core_.budget.stop_waiting();
}

void Http1::budget_freed() {
    uint64_t wanted = budget_wanted_;
    if (wanted == 0) return;
    forget_reservation();
    reserve(wanted);
}

bool Http1::gather(std::string_view data) {
    if (received_ > core_.limits.gathered_body_bytes_max) {
        body_bad(413, ErrorCode::resource_exhausted, "The request's body is larger than allowed.");
        return false;
    }
    request_->body.append(data);
    uint64_t held = request_->body.size();
    if (held > request_->reserved_bytes) {
        // Unknown length. These bytes are here already; more are read once there is room for as many again.
        core_.budget.charge(held - request_->reserved_bytes);
        request_->reserved_bytes = held;
        reserve(std::max(held, reserve_step));
        if (budget_wanted_ > 0 && core_.budget.overdrawn()) {
            refuse(503, "The server holds as many unfinished requests as it can. Try again.");
            return false;
        }
    }
    return true;
}

std::span<char> Http1::direct_room() {
    if (reading_ != Reading::body || sink_ != Sink::gather || is_chunked() || budget_wanted_ > 0) return {};
    return {request_->body.tail(), static_cast<size_t>(std::min<uint64_t>(request_->body.room(), left_))};
}

void Http1::direct_filled(size_t bytes) {
    continue_unsent_ = false;
    request_->body.grow(bytes);
    received_ += bytes;
    left_ -= bytes;
    if (left_ == 0) body_done();
}

// ---------------------------------------------------------------- streamed

void Http1::begin_stream() {
    sink_ = Sink::stream;
    if (left_ > core_.limits.streamed_body_bytes_max) return refuse(413, "The request's body is larger than allowed.");
    auto pipe = std::make_shared<BodyPipe>();
    // Weak: this holds the pipe, and the pipe holds these.
    std::weak_ptr<Connection> weak = connection_.weak_from_this();
    BodyPipe::Hooks hooks;
    if (continue_unsent_) {
        hooks.wanted = [this, weak, id = last_id()] {
            auto connection = weak.lock();
            if (!connection) return;
            connection->loop().post([this, connection, id] {
                if (connection->is_closed()) return;
                worker_wants_body(id);
                connection->advance();
            });
        };
    }
    hooks.taken = [weak](size_t) {
        auto connection = weak.lock();
        if (connection) connection->loop().post([connection] { connection->advance(); });
    };
    pipe->set_hooks(std::move(hooks));
    pipe_ = pipe;
    auto exchange = std::make_shared<std::unique_ptr<Exchange>>(std::make_unique<ServerExchange>(
        connection_.shared_from_this(), last_id(), std::exchange(request_, nullptr), std::move(pipe)));
    if (left_ == 0 && !is_chunked()) body_done();
    if (core_.uploads.submit([exchange, &handler = core_.handler] { handler.handle(std::move(*exchange)); })) return;
    core_.refused.fetch_add(1);
    (*exchange)->respond(core_.handler.refuse(&(*exchange)->head(), 503, "The server is busy. Try again."));
}

void Http1::worker_wants_body(uint64_t exchange_id) {
    if (reading_ == Reading::body && sink_ == Sink::stream && exchange_id == last_id()) continue_due_ = true;
}

// ---------------------------------------------------------------- any body

size_t Http1::take_body(std::string_view bytes) {
    size_t room = sink_ == Sink::stream ? pipe_->room() : bytes.size();
    continue_unsent_ = false;  // who sends unasked does not wait
    if (!is_chunked()) {
        auto size = static_cast<size_t>(std::min<uint64_t>({bytes.size(), left_, room}));
        if (!take_data(bytes.substr(0, size))) return bytes.size();
        left_ -= size;
        if (left_ == 0) body_done();
        return size;
    }
    ChunkDecoder::Step step = chunks_.next(bytes, room);
    if (step.bad) {
        body_bad(400, ErrorCode::invalid_argument, chunks_.message());
        return bytes.size();
    }
    if (!step.data.empty() && !take_data(step.data)) return bytes.size();
    if (step.done) body_done();
    return step.taken;
}

// False where the body ended here, with an error.
bool Http1::take_data(std::string_view data) {
    received_ += data.size();
    switch (sink_) {
        case Sink::gather:
            return gather(data);
        case Sink::stream:
            if (received_ > core_.limits.streamed_body_bytes_max) {
                body_bad(413, ErrorCode::resource_exhausted, "The request's body is larger than allowed.");
                return false;
            }
            pipe_->push(data);
            return true;
        case Sink::discard:
            if (received_ <= discard_bytes_max) return true;
            stop_reading();
            return false;
    }
    return false;
}

void Http1::body_done() {
    reading_ = last_ ? Reading::nothing : Reading::head;
    continue_unsent_ = false;
    if (sink_ == Sink::stream) {
        pipe_->finish();
        pipe_.reset();
    } else if (sink_ == Sink::gather) {
        request_->body.pad();
        auto exchange = std::make_unique<ServerExchange>(connection_.shared_from_this(), last_id(),
                                                         std::exchange(request_, nullptr), nullptr);
        parser_.reset();
        core_.handler.handle(std::move(exchange));
        return;
    }
    parser_.reset();
}

// The answer came before the body's end: the rest is of no use to anybody.
void Http1::answer(uint64_t exchange_id, Response response) {
    if (exchange_id < first_id_ || exchange_id > last_id()) return;
    Slot& slot = slots_[exchange_id - first_id_];
    slot.response = std::move(response);
    slot.ready = true;
    if (reading_ != Reading::body || sink_ != Sink::stream || exchange_id != last_id()) return;
    pipe_->fail({ErrorCode::cancelled, "The request was answered before its body's end."});
    pipe_.reset();
    sink_ = Sink::discard;
    received_ = 0;
    // A peer that waits for 100 Continue may send the body or not; nobody can tell what comes next.
    if (continue_unsent_ || left_ > discard_bytes_max) stop_reading();
}

// ---------------------------------------------------------------- ends

void Http1::refuse(int status, std::string_view message) {
    core_.refused.fetch_add(1);
    bool has_slot = reading_ == Reading::body;  // else the head was not read to its end
    Response response = core_.handler.refuse(has_slot ? &request_->head : nullptr, status, message);
    Slot& slot = has_slot ? slots_.back() : slots_.emplace_back();
    slot.ready = true;
    slot.response = std::move(response);
    stop_reading();
}

void Http1::body_bad(int status, ErrorCode code, std::string_view message) {
    if (sink_ == Sink::gather) return refuse(status, message);
    // The handler hears of it from read(), and answers in its own words.
    if (pipe_) pipe_->fail({code, std::string(message)});
    stop_reading();
}

// Nothing that comes from now on is a request. What is under way is answered; then the connection closes.
void Http1::stop_reading() {
    if (reading_ == Reading::body && sink_ == Sink::gather && !slots_.back().ready) slots_.pop_back();
    reading_ = Reading::nothing;
    forget_reservation();
    if (pipe_) pipe_->fail({ErrorCode::cancelled, "The connection ended before the request's body."});
    pipe_.reset();
    if (request_) {
        core_.budget.release(request_->reserved_bytes, request_);
        connection_.loop().requests().give_back(std::exchange(request_, nullptr));
    }
    if (slots_.empty()) {
        connection_.close_after_output();
    } else {
        slots_.back().keep_alive = false;
        if (slots_.size() == 1 && streaming_) streaming_->keep_alive = false;
    }
}

void Http1::peer_closed() {
    if (reading_ != Reading::nothing) stop_reading();
}

Waiting Http1::waiting() {
    if (reading_ == Reading::nothing || !wants_bytes()) return Waiting::nothing;
    if (reading_ == Reading::body) {
        bool peer_waits = continue_unsent_ && !continue_due_;
        return peer_waits ? Waiting::nothing : Waiting::body;
    }
    if (parser_.started()) return Waiting::head;
    return slots_.empty() ? Waiting::request : Waiting::nothing;
}

uint64_t Http1::body_rate_min() {
    const bool gathers = reading_ == Reading::body && sink_ == Sink::gather && request_ != nullptr;
    return gathers ? core_.budget.contended_rate_min(request_->reserved_bytes) : 0;
}

void Http1::timed_out(Waiting what) {
    switch (what) {
        case Waiting::request:
            return connection_.close_after_output();
        case Waiting::head:
            return refuse(408, "The request's header did not come in time.");
        case Waiting::body:
            return body_bad(408, ErrorCode::deadline_exceeded, "The request's body comes too slowly.");
        case Waiting::nothing:
            return;
    }
}

}  // namespace millrace::http
