// What the bytes of a connection mean: HTTP/1 (http1.h) or HTTP/2 (http2.h). All calls on the connection's I/O thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "src/http/message.h"

namespace millrace::http {

// What the connection waits for its peer to send; each has its limit.
enum class Waiting : uint8_t {
    request,  // nothing of the next request has come: Limits::idle_ms_max
    head,     // the rest of a head: header_ms_max
    body,     // the rest of a body: body_bytes_per_s_min
    nothing,  // the next move is ours
};

class Protocol {
  public:
    virtual ~Protocol() = default;
    // Takes bytes from the front of what came; returns how many. Fewer than all: the rest is passed again, with what
    // follows it, once wants_bytes().
    virtual size_t consume(std::string_view bytes) = 0;
    virtual bool wants_bytes() = 0;
    // Where the next bytes may be read to without passing consume(); empty where they may not. filled() follows.
    virtual std::span<char> direct_room() { return {}; }
    virtual void direct_filled(size_t) {}
    // Moves what is ready to be sent into the connection's output queue.
    virtual void produce() = 0;
    // The response to an exchange.
    virtual void answer(uint64_t exchange_id, Response response) = 0;
    virtual void peer_closed() = 0;  // no more bytes will come
    virtual void closed() = 0;       // the connection is gone; nothing can be sent
    virtual void drain() = 0;        // the server stops: finish what was begun, then close
    // Requests whose answers have not all been moved into the output queue.
    virtual size_t under_way() const = 0;
    virtual void budget_freed() {}  // memory that was waited for may be there
    virtual Waiting waiting() = 0;
    virtual uint64_t body_rate_min() { return 0; }  // bytes a second that the body has to come with just now, at least
    virtual void timed_out(Waiting what) = 0;
    virtual void tick(int64_t now_ms) = 0;
};

}  // namespace millrace::http
