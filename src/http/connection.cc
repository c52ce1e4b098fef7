#include "src/http/connection.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <sys/epoll.h>

#include "src/http/http1.h"
#include "src/http/http2.h"
#include "src/http/server_core.h"
#include "src/http/tls.h"
#include "src/io/executor.h"

namespace millrace::http {
namespace {

constexpr std::string_view http2_preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr int rounds_max = 16;  // of reading in one turn, so that one busy peer does not starve the others
constexpr int64_t linger_ms = 2'000;
constexpr int64_t draining_linger_ms = 100;     // a server that stops does not wait for peers that forgot it
constexpr size_t direct_bytes_min = 16 * 1024;  // below this a read straight into place is not worth a call of its own

}  // namespace

Connection::Connection(std::shared_ptr<ServerCore> core, std::shared_ptr<IoLoop> loop, int descriptor,
                       std::string peer_address, uint16_t peer_port)
    : core_(std::move(core)),
      loop_(std::move(loop)),
      peer_address_(std::move(peer_address)),
      peer_port_(peer_port),
      socket_(descriptor) {
    core_->connections.fetch_add(1);
}

Connection::~Connection() {
    core_->connections.fetch_sub(1);
}

void Connection::begin() {
    waiting_since_ms_ = loop_->now_ms();
    if (!loop_->watch(socket_.descriptor(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, this)) return close();
    if (core_->draining.load()) drain();
}

void Connection::begin_refused(std::string bytes) {
    output_.append(std::string_view(bytes));
    close_after_output();
    begin();
    advance();
}

void Connection::on_event(uint32_t epoll_events) {
    if (closed_) return;
    if (epoll_events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) readable_ = true;
    if (epoll_events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) ending_ = true;
    if (epoll_events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) {
        writable_ = true;
        writable_while_lent_ = lent_;
    }
    if (socket_.is_secure()) readable_ = writable_ = true;  // TLS may want the one for the other
    advance();
}

void Connection::deliver(uint64_t exchange_id, Response response) {
    if (closed_) return;
    protocol_->answer(exchange_id, std::move(response));
    loop_->advance_soon(this);
}

void Connection::advance() {
    if (closed_ || advancing_) return;
    advancing_ = true;
    auto self = shared_from_this();
    for (int round = 0;; ++round) {
        bool moved = false;
        if (closing_) {
            discard_input();
        } else if (protocol_ || choose_protocol()) {
            moved |= feed();
        }
        if (closed_) break;
        if (protocol_) protocol_->produce();
        moved |= flush();
        if (closed_ || !moved) break;
        if (round == rounds_max) {
            loop_->advance_soon(this);
            break;
        }
    }
    advancing_ = false;
    if (!closed_) settle();
}

// TLS or not, HTTP/1 or 2: the first bytes tell. Returns false where more of them must come first.
bool Connection::choose_protocol() {
    if (socket_.in_handshake()) {
        switch (socket_.handshake()) {
            case Socket::Handshake::would_block:
                return false;
            case Socket::Handshake::failed:
                close();
                return false;
            case Socket::Handshake::done:
                break;
        }
    }
    if (socket_.is_secure()) return choose_secure_protocol();
    if (!readable_) return false;
    char first[http2_preface.size()];
    ptrdiff_t got = socket_.peek(first, sizeof first);
    if (got == Socket::would_block) {
        readable_ = false;
        return false;
    }
    if (got <= 0) {
        close();
        return false;
    }
    if (bytes_in_ == 0) waiting_since_ms_ = loop_->now_ms();
    bytes_in_ = 1;
    waiting_ = Waiting::head;
    if (first[0] == 0x16) {
        if (!core_->tls) {
            close();  // a plain-text answer would mean nothing to a TLS client
            return false;
        }
        socket_.begin_tls(core_->tls->get());
        writable_ = true;
        return choose_protocol();
    }
    std::string_view seen(first, static_cast<size_t>(got));
    if (http2_preface.starts_with(seen)) {
        if (seen.size() < http2_preface.size()) {
            readable_ = false;  // the next bytes, or the end, are a new event
            if (peer_closed_) close();
            return false;
        }
        return start(true);
    }
    return start(false);
}

// By what the handshake settled. A client that said nothing in it may speak either: Java's SDK does, and speaks HTTP/2
// to Kinesis as a matter of course. Then the first bytes tell, as in plain text.
bool Connection::choose_secure_protocol() {
    const std::string chosen = socket_.chosen_protocol();
    if (!chosen.empty()) return start(chosen == "h2");
    while (pending_.size() < http2_preface.size() && http2_preface.starts_with(pending_)) {
        if (!readable_) return false;
        char next[http2_preface.size()];
        const ptrdiff_t got = socket_.read(next, http2_preface.size() - pending_.size());
        if (got == Socket::would_block) {
            readable_ = false;
            if (draining_ && pending_.empty()) close();
            return false;
        }
        if (got <= 0) {
            close();
            return false;
        }
        pending_.append(next, static_cast<size_t>(got));
    }
    return start(pending_ == http2_preface);
}

bool Connection::start(bool http2) {
    protocol_ = http2 ? make_http2(*this) : make_http1(*this);
    if (draining_) protocol_->drain();
    return true;
}

// Hands the protocol what came, reading more where it has all of it. Returns whether anything moved.
bool Connection::feed() {
    if (!protocol_->wants_bytes()) return false;
    if (!pending_.empty()) {
        size_t taken = protocol_->consume(pending_);
        if (closed_) return true;
        pending_.erase(0, taken);
        if (taken > 0) return true;
        if (!protocol_->wants_bytes()) return false;
    }
    if (!readable_) return false;
    return read_some();
}

bool Connection::read_some() {
    std::span<char> direct = pending_.empty() ? protocol_->direct_room() : std::span<char>();
    bool is_direct = direct.size() >= direct_bytes_min;
    char* into = is_direct ? direct.data() : loop_->scratch();
    size_t room = is_direct ? direct.size() : IoLoop::scratch_bytes;
    ptrdiff_t got = socket_.read(into, room);
    if (got == Socket::would_block) {
        readable_ = false;
        return false;
    }
    if (got <= 0) {
        readable_ = false;
        peer_closed_ = true;
        if (got == Socket::failed) {
            close();
        } else {
            protocol_->peer_closed();
        }
        return true;
    }
    auto size = static_cast<size_t>(got);
    bytes_in_ += size;
    // A short read has emptied the socket, and what comes next is a new event (epoll(7), question 9) - but for an end
    // that was told already, which only a read finds.
    if (size < room && !ending_ && !socket_.is_secure()) readable_ = false;
    if (is_direct) {
        protocol_->direct_filled(size);
    } else if (pending_.empty()) {
        size_t taken = protocol_->consume({into, size});
        if (!closed_ && taken < size) pending_.assign(into + taken, size - taken);
    } else {
        pending_.append(into, size);
    }
    return true;
}

bool Connection::flush() {
    bool moved = false;
    while (!output_.empty() && can_write()) {
        iovec pieces[64];
        int count = output_.gather(pieces, 64);
        ptrdiff_t sent = socket_.write(pieces, count);
        if (sent == Socket::would_block) {
            writable_ = false;
            break;
        }
        if (sent <= 0) {
            close();
            return true;
        }
        output_.sent(static_cast<size_t>(sent));
        bytes_out_ += static_cast<uint64_t>(sent);
        moved = true;
    }
    return moved;
}

void Connection::close_after_output() {
    closing_ = true;
    pending_.clear();
}

void Connection::discard_input() {
    // A bounded number of reads a turn; the rest comes with advance_soon below.
    for (int i = 0; readable_ && !peer_closed_; ++i) {
        if (i == rounds_max) return loop_->advance_soon(this);
        ptrdiff_t got = socket_.in_handshake() ? Socket::failed : socket_.read(loop_->scratch(), IoLoop::scratch_bytes);
        if (got == Socket::would_block) readable_ = false;
        if (got == 0) peer_closed_ = true;
        if (got == Socket::failed) return close();
    }
}

void Connection::settle() {
    if (closing_ && output_.empty() && !lent_) {
        // A stop finds most connections between two requests: nothing is on its way that a reset could destroy.
        bool is_quiet = draining_ && waiting_ == Waiting::request && pending_.empty();
        if (peer_closed_ || is_quiet) return close();
        if (!lingering_) {
            lingering_ = true;
            linger_until_ms_ = loop_->now_ms() + (draining_ ? draining_linger_ms : linger_ms);
            socket_.end_output();
        }
    }
    note_waiting();
}

void Connection::note_waiting() {
    int64_t now = loop_->now_ms();
    if (protocol_ && !closing_) {
        Waiting waiting = protocol_->waiting();
        if (waiting != waiting_) {
            waiting_ = waiting;
            waiting_since_ms_ = now;
            waiting_bytes_in_ = bytes_in_;
            waiting_rate_min_ = 0;
        }
    }
    if (output_.empty() && !lent_ && writable_) {
        sending_since_ms_ = -1;
    } else if (sending_since_ms_ < 0) {
        sending_since_ms_ = now;
        sending_bytes_out_ = bytes_out_;
    }
}

// True where the peer takes its response slower than the limits allow.
bool Connection::slow(int64_t now_ms) {
    const Limits& limits = core_->limits;
    if (sending_since_ms_ < 0 || now_ms - sending_since_ms_ < limits.slow_window_ms) return false;
    uint64_t enough = uint64_t{limits.body_bytes_per_s_min} * limits.slow_window_ms / 1000;
    if (bytes_out_ - sending_bytes_out_ < enough) return true;
    sending_since_ms_ = now_ms;
    sending_bytes_out_ = bytes_out_;
    return false;
}

void Connection::tick() {
    int64_t now = loop_->now_ms();
    const Limits& limits = core_->limits;
    auto self = shared_from_this();
    if (lingering_) {
        if (now >= linger_until_ms_) close();
        return;
    }
    if (slow(now)) {
        socket_.reset_on_close();  // else the kernel would keep what the peer does not take
        return close();
    }
    if (protocol_) protocol_->tick(now);
    if (closed_ || closing_) return;
    int64_t waited = now - waiting_since_ms_;
    bool late = false;
    switch (waiting_) {
        case Waiting::request:
            late = waited >= limits.idle_ms_max;
            break;
        case Waiting::head:
            late = waited >= limits.header_ms_max;
            break;
        case Waiting::body:
            if (waited < limits.slow_window_ms) break;
            late = bytes_in_ - waiting_bytes_in_ <
                   std::max(waiting_rate_min_, uint64_t{limits.body_bytes_per_s_min}) * limits.slow_window_ms / 1000;
            waiting_since_ms_ = now;
            waiting_bytes_in_ = bytes_in_;
            waiting_rate_min_ = protocol_->body_rate_min();
            break;
        case Waiting::nothing:
            break;
    }
    if (!late) return;
    // Bytes are here that we have not taken: between the last look for them and note_waiting(), a worker made room.
    if (waiting_ == Waiting::body && (readable_ || !pending_.empty())) return advance();
    if (!protocol_) return close();
    protocol_->timed_out(waiting_);
    advance();
}

void Connection::drain() {
    if (closed_ || draining_) return;
    draining_ = true;
    linger_until_ms_ = std::min(linger_until_ms_, loop_->now_ms() + draining_linger_ms);
    if (closing_) return;
    if (!protocol_) {
        // Nothing was asked yet: no byte came, or none but those of a finished handshake.
        const bool is_silent = bytes_in_ == 0 || (socket_.is_secure() && pending_.empty());
        if (is_silent && !socket_.in_handshake()) close();
        return;
    }
    protocol_->drain();
    advance();
}

size_t Connection::under_way() const {
    return std::max<size_t>(protocol_ ? protocol_->under_way() : 0, output_.empty() ? 0 : 1);
}

void Connection::budget_freed() {
    if (closed_ || !protocol_) return;
    protocol_->budget_freed();
    advance();
}

bool Connection::lend_socket(std::function<Lent(int descriptor)> work, std::function<void(Lent)> done) {
    lent_ = true;
    writable_while_lent_ = false;
    auto self = shared_from_this();
    bool accepted = core_->executor.submit(
        [self, descriptor = socket_.descriptor(), work = std::move(work), done = std::move(done)] {
            Lent lent = work(descriptor);
            self->loop_->post([self, lent, done] {
                self->lent_ = false;
                if (self->closed_) return self->socket_.close();
                self->bytes_out_ += lent.sent;
                // Room that came after the worker saw none was told while the socket was lent.
                if (lent.would_block) self->writable_ = std::exchange(self->writable_while_lent_, false);
                done(lent);
                self->advance();
            });
        });
    if (!accepted) lent_ = false;
    return accepted;
}

void Connection::close() {
    if (closed_) return;
    closed_ = true;
    auto self = shared_from_this();
    if (lent_) {
        socket_.end_output();  // the worker's next send fails; the descriptor is closed when it is back
    } else {
        socket_.close();
    }
    if (protocol_) protocol_->closed();
    output_.clear();
    pending_ = std::string();
    loop_->bury(this);
}

}  // namespace millrace::http
