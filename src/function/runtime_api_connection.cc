#include "src/function/runtime_api_connection.h"

#include <algorithm>
#include <cerrno>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/function/loop.h"
#include "src/http/characters.h"
#include "src/http/response_head.h"

namespace millrace::function {
namespace {

constexpr uint32_t head_bytes_max = 64 * 1024;  // client contexts and error causes travel in header fields
constexpr size_t read_bytes = 64 * 1024;
constexpr uint64_t dropped_bytes_max = 256 << 20;  // of a body that is too large anyway, before the connection ends
constexpr size_t kept_bytes_max = 1 << 20;         // room that a quiet connection keeps
constexpr size_t stream_buffer_bytes = 256 * 1024;
constexpr size_t trailer_bytes_max = 64 * 1024;  // an error with its stack trace, in base64

}  // namespace

RuntimeApiConnection::RuntimeApiConnection(Loop& loop, int descriptor, uint64_t body_bytes_max, Callbacks callbacks)
    : loop_(loop),
      descriptor_(descriptor),
      body_bytes_max_(body_bytes_max),
      callbacks_(std::move(callbacks)),
      parser_(head_bytes_max),
      chunks_(trailer_bytes_max) {
    loop_.watch(descriptor_, EPOLLIN, [this](uint32_t events) { on_event(events); });
}

RuntimeApiConnection::~RuntimeApiConnection() {
    callbacks_ = {};
    close();
}

void RuntimeApiConnection::close() {
    if (state_ == State::closed) return;
    state_ = State::closed;
    loop_.unwatch(descriptor_);
    ::close(descriptor_);
    if (callbacks_.on_closed) callbacks_.on_closed();
}

void RuntimeApiConnection::on_event(uint32_t events) {
    if ((events & EPOLLOUT) != 0) flush();
    if (paused_ && (events & (EPOLLHUP | EPOLLERR)) != 0) return close();
    if (!paused_ && state_ != State::closed && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read();
}

void RuntimeApiConnection::pause() {
    if (paused_ || state_ != State::body) return;
    paused_ = true;
    loop_.change(descriptor_, 0);
}

void RuntimeApiConnection::resume() {
    if (!paused_ || state_ == State::closed) return;
    paused_ = false;
    loop_.change(descriptor_, EPOLLIN);
    parse();
}

void RuntimeApiConnection::read() {
    char buffer[read_bytes];
    const ssize_t got = ::recv(descriptor_, buffer, sizeof buffer, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return close();
    // While an answer is owed to it, nothing more than the beginning of its next request is taken.
    if (state_ == State::answering && input_.size() + static_cast<size_t>(got) > head_bytes_max) return close();
    if (state_ == State::body && input_.empty() && !parser_.framing().chunked) {  // no detour for what is body anyway
        const size_t part = std::min<uint64_t>(static_cast<size_t>(got), body_left_);
        take({buffer, part});
        if (state_ == State::closed) return;
        body_left_ -= part;
        input_.assign(buffer + part, static_cast<size_t>(got) - part);
    } else {
        input_.append(buffer, static_cast<size_t>(got));
    }
    parse();
}

void RuntimeApiConnection::parse() {
    if (parsing_) return;  // a handler answered at once: the loop below goes on
    parsing_ = true;
    bool more = true;
    while (more) {
        switch (state_) {
            case State::head:
                more = parse_head();
                break;
            case State::body:
                more = parse_body();
                break;
            case State::answering:
            case State::closed:
                more = false;
                break;
        }
    }
    parsing_ = false;
}

bool RuntimeApiConnection::parse_head() {
    if (input_.empty()) return false;
    size_t taken = 0;
    const auto outcome = parser_.feed(input_, &taken, &head_);
    if (outcome == http::HeadParser::Outcome::bad) {
        fail(parser_.status(), parser_.message());
        return false;
    }
    input_.erase(0, taken);
    if (outcome == http::HeadParser::Outcome::more) return false;
    body_left_ = head_.content_length.value_or(0);
    streamed_ = head_.headers.get("lambda-runtime-function-response-mode") == "streaming" && callbacks_.on_stream();
    if (streamed_) {
        // The kernel would take some 30 MB for a process that is held up.
        const int bytes = static_cast<int>(stream_buffer_bytes);
        ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    }
    if (!streamed_ && body_left_ <= body_bytes_max_) body_.reserve(body_left_);
    if (parser_.framing().expect_continue) {
        static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        if (::send(descriptor_, go_on.data(), go_on.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(go_on.size())) {
            close();
            return false;
        }
    }
    state_ = State::body;
    return true;
}

bool RuntimeApiConnection::parse_body() {
    if (paused_) return false;
    if (parser_.framing().chunked) {
        size_t at = 0;
        for (;;) {
            const auto step = chunks_.next(std::string_view(input_).substr(at), SIZE_MAX);
            if (step.bad) {
                fail(400, chunks_.message());
                return false;
            }
            take(step.data);
            if (state_ == State::closed) return false;
            if (streamed_ && !step.trailer.empty()) keep_trailer(step.trailer);
            at += step.taken;
            if (step.done || step.taken == 0 || paused_) {
                input_.erase(0, at);
                if (step.done) whole();
                return step.done;
            }
        }
    }
    const size_t part = std::min<uint64_t>(input_.size(), body_left_);
    take(std::string_view(input_).substr(0, part));
    if (state_ == State::closed) return false;
    input_.erase(0, part);
    body_left_ -= part;
    if (body_left_ > 0 || paused_) return false;
    whole();
    return true;
}

void RuntimeApiConnection::take(std::string_view data) {
    if (streamed_) {
        if (!data.empty() && !callbacks_.on_data(data)) close();
        return;
    }
    if (!too_large_ && body_.size() + data.size() <= body_bytes_max_) {
        body_.append(data);
        return;
    }
    too_large_ = true;
    body_ = std::string();
    body_dropped_ += data.size();
    if (body_dropped_ > dropped_bytes_max) close();
}

void RuntimeApiConnection::keep_trailer(std::string_view line) {
    const size_t colon = line.find(':');  // there is one, and it is not the first: the decoder has seen to that
    std::string name(line.substr(0, colon));
    for (char& c : name) c = http::to_token_lower(c);
    trailers_.add(name, http::trim_blanks(line.substr(colon + 1)));
}

void RuntimeApiConnection::whole() {
    state_ = State::answering;
    close_after_ = !parser_.framing().keep_alive;
    callbacks_.on_request();
}

void RuntimeApiConnection::answer(int status, std::string_view content_type, std::string_view fields,
                                  std::string_view body) {
    if (state_ != State::answering) return;
    output_.reserve(256 + fields.size() + body.size());
    output_ = "HTTP/1.1 ";
    output_ += std::to_string(status);
    output_ += ' ';
    output_ += http::reason_phrase(status);
    output_ += "\r\nContent-Type: ";
    output_ += content_type;
    output_ += "\r\nContent-Length: ";
    output_ += std::to_string(body.size());
    output_ += "\r\n";
    output_ += fields;
    if (close_after_) output_ += "Connection: close\r\n";
    output_ += "\r\n";
    output_ += body;
    sent_ = 0;
    flush();
}

void RuntimeApiConnection::flush() {
    while (sent_ < output_.size()) {
        const ssize_t sent = ::send(descriptor_, output_.data() + sent_, output_.size() - sent_, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && errno == EAGAIN) return loop_.change(descriptor_, EPOLLIN | EPOLLOUT);
        if (sent < 0) return close();
        sent_ += static_cast<size_t>(sent);
    }
    if (output_.empty()) return;
    loop_.change(descriptor_, EPOLLIN);
    if (close_after_) return close();
    output_.clear();
    if (output_.capacity() > kept_bytes_max) output_ = std::string();
    body_ = std::string();
    too_large_ = streamed_ = false;
    trailers_.clear();
    body_dropped_ = 0;
    head_.method.clear();
    head_.path.clear();
    head_.query.clear();
    head_.headers.clear();
    head_.content_length.reset();
    parser_.reset();
    chunks_.reset();
    state_ = State::head;
    parse();
}

void RuntimeApiConnection::fail(int status, std::string_view message) {
    state_ = State::answering;
    close_after_ = true;
    answer(status, "text/plain", "", message);
}

}  // namespace millrace::function
