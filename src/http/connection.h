// One peer: its socket, the bytes not yet understood, the bytes not yet sent, and the time it may take.
//
// advance() is the heart: it reads what there is, lets the protocol consume it, lets the protocol produce output,
// writes it, and goes round until nothing moves. Everything that happens - an epoll event, an answer, a chunk from a
// worker - ends in advance(). The socket is edge-triggered: `readable_` and `writable_` remember what epoll said once.
//
// A connection is held by its loop while open, and by each exchange under way; so an answer to a peer that is gone
// finds a closed connection and does nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "src/http/io_loop.h"
#include "src/http/output_queue.h"
#include "src/http/protocol.h"
#include "src/http/socket.h"

namespace millrace::http {

struct ServerCore;

class Connection final : public EventTarget, public std::enable_shared_from_this<Connection> {
  public:
    // `loop` outlives the connection by sharing.
    Connection(std::shared_ptr<ServerCore> core, std::shared_ptr<IoLoop> loop, int descriptor, std::string peer_address,
               uint16_t peer_port);
    ~Connection() override;

    // --- any thread
    ServerCore& core() const { return *core_; }
    IoLoop& loop() const { return *loop_; }
    const std::string& peer_address() const { return peer_address_; }
    uint16_t peer_port() const { return peer_port_; }

    // --- the loop's thread, from here on
    void begin();                           // after adoption by the loop: registers the socket
    void begin_refused(std::string bytes);  // sends these and closes
    void on_event(uint32_t epoll_events) override;
    void deliver(uint64_t exchange_id, Response response);
    void advance();
    void tick();
    void drain();
    size_t under_way() const;  // requests that the peer has not been sent the whole answer of
    void budget_freed();
    void close();
    bool is_closed() const { return closed_; }
    bool is_secure() const { return socket_.is_secure(); }

    // --- for the protocol
    OutputQueue& output() { return output_; }
    // After what is queued is sent, closes: says so to the peer, then takes in what it still sends for a while, as a
    // reset would make it lose the response (RFC 9112, section 9.6).
    void close_after_output();
    bool is_closing() const { return closing_; }
    // Lends the socket's sending side to a worker: nothing is written and the descriptor stays open until it is back.
    // `work` gets the descriptor and says how many bytes it sent, and whether it stopped because the socket was full.
    struct Lent {
        uint64_t sent = 0;
        bool would_block = false;
        int error = 0;  // errno
    };
    // `done` is called on the loop's thread, unless the connection was closed meanwhile. False where no worker is free.
    bool lend_socket(std::function<Lent(int descriptor)> work, std::function<void(Lent)> done);
    bool is_lent() const { return lent_; }
    bool can_write() const { return writable_ && !lent_; }

    // --- for the loop
    bool mark_dirty() { return !std::exchange(dirty_, true); }
    void clear_dirty() { dirty_ = false; }
    size_t loop_index() const { return loop_index_; }
    void set_loop_index(size_t index) { loop_index_ = index; }
    bool awaits_budget() const { return awaits_budget_; }
    void set_awaits_budget(bool awaits) { awaits_budget_ = awaits; }
    // At the end of the round in which it was closed: only now may the protocol go, whose code called close().
    void reap() { protocol_.reset(); }

  private:
    bool choose_protocol();
    bool choose_secure_protocol();
    bool start(bool http2);  // true
    bool feed();
    bool read_some();
    bool flush();
    void discard_input();
    void settle();
    void note_waiting();
    bool slow(int64_t now_ms);

    const std::shared_ptr<ServerCore> core_;
    const std::shared_ptr<IoLoop> loop_;
    const std::string peer_address_;
    const uint16_t peer_port_;
    Socket socket_;
    std::unique_ptr<Protocol> protocol_;
    std::string pending_;  // came, not consumed
    OutputQueue output_;

    bool readable_ = false;
    bool ending_ = false;  // an event has told of the peer's end, or of an error
    bool writable_ = true;
    bool peer_closed_ = false;
    bool closing_ = false;    // no more requests are read; closed when the output is sent
    bool lingering_ = false;  // all is sent; waiting for the peer to close
    bool closed_ = false;
    bool advancing_ = false;
    bool dirty_ = false;
    bool draining_ = false;
    bool lent_ = false;
    bool writable_while_lent_ = false;
    size_t loop_index_ = 0;
    bool awaits_budget_ = false;  // the loop has it among its waiters

    Waiting waiting_ = Waiting::request;
    int64_t waiting_since_ms_ = 0;
    uint64_t bytes_in_ = 0;
    uint64_t bytes_out_ = 0;
    uint64_t waiting_bytes_in_ = 0;  // bytes_in_ when the present body window began
    uint64_t waiting_rate_min_ = 0;  // that was asked of the body then
    int64_t sending_since_ms_ = -1;  // -1: nothing waits to be sent
    uint64_t sending_bytes_out_ = 0;
    int64_t linger_until_ms_ = 0;
};

}  // namespace millrace::http
