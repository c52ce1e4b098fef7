// The HTTP server: HTTP/1.1 and HTTP/2 on one port, TLS or not, told apart by their first bytes (or ALPN).
//
// A handler is asked twice. `begin` sees the head alone and says how the body should come: gathered whole into memory
// up to a bound, or streamed to a worker. Then `handle` gets the exchange. It must not block when it runs on an I/O
// thread (gathered bodies); it may answer at once or later from any thread. Streamed exchanges run on the executor.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/http/message.h"

namespace millrace::io {
class Executor;
}

namespace millrace::http {

struct Limits {  // each is a row of the configuration table (src/cli/config)
    uint32_t header_bytes_max = 64 * 1024;
    uint64_t gathered_body_bytes_max = 64 << 20;
    uint64_t streamed_body_bytes_max = uint64_t{5} << 40;
    uint32_t connections_max = 10'000;
    uint32_t idle_ms_max = 75'000;                  // between requests
    uint32_t header_ms_max = 10'000;                // from the first byte of a head to its last
    uint32_t body_bytes_per_s_min = 1024;           // while waiting for a body, or for a client to take a response
    uint32_t slow_window_ms = 10'000;               // the time over which that rate is taken
    uint32_t streams_per_connection_max = 128;      // HTTP/2
    uint64_t gathered_bytes_total_max = 256 << 20;  // over all connections; over it, reading pauses (back-pressure)
};

// One request and the duty to answer it. Move-only; destroyed unanswered, it sends a 500 and counts as our bug.
class Exchange {
  public:
    virtual ~Exchange() = default;
    virtual const RequestHead& head() const = 0;  // valid until destruction
    // The whole body, where it was gathered; valid until destruction. Empty where streamed.
    // At least body_padding readable bytes follow it, as simdjson wants, so it is parsed where it lies.
    virtual std::string_view body() const = 0;
    // The streamed body; nullptr where gathered.
    virtual BodyReader* reader() = 0;
    // Sends the response. Once, from any thread. The exchange may be destroyed right after. Harmless where the peer is
    // gone or the server has stopped. A thread that answers many exchanges in a row does so inside an io::WakeBatch, so
    // that each I/O thread is woken once.
    virtual void respond(Response response) = 0;
    // Runs `work` on the I/O thread that the exchange came on: at once where that is the calling thread (or there is no
    // such thread), else with the answers that wait for it, for one wake. Whatever it captures is dropped unrun where
    // the server has stopped. Any thread.
    virtual void post(std::function<void()> work) { work(); }
};

constexpr size_t body_padding = 64;

enum class BodyMode : uint8_t { gathered, streamed };

class Handler {
  public:
    virtual ~Handler() = default;
    virtual BodyMode begin(const RequestHead& head) = 0;
    virtual void handle(std::unique_ptr<Exchange> exchange) = 0;
    // The body for an error the server itself finds (400, 408, 413, 414, 417, 431, 500, 501, 503, 505), in the caller's
    // dialect. `head` is null where none was read. Called by I/O threads, and (500) by whoever drops an exchange.
    virtual Response refuse(const RequestHead* head, int status, std::string_view message) = 0;
};

struct TlsOptions {
    bool enabled = false;
    std::string certificate_file;  // PEM; empty: a self-signed one is generated into `generated_directory`
    std::string key_file;
    std::string generated_directory;
};

struct ServerOptions {
    std::string host = "127.0.0.1";
    uint16_t port = 4566;  // 0: any free one
    TlsOptions tls;        // TLS and plain text share the port: the first byte tells (0x16 is a TLS handshake)
    Limits limits;
    uint32_t io_threads = 0;  // 0: one a core, at most 4
};

struct ServerStats {
    uint64_t connections = 0;           // open now
    uint64_t connections_accepted = 0;  // since the start, as the rest
    uint64_t connections_refused = 0;   // over connections_max
    uint64_t requests = 0;
    uint64_t refused = 0;         // answered by the server itself: Handler::refuse
    uint64_t dropped_by_us = 0;   // exchanges destroyed unanswered: our bugs
    uint64_t gathered_bytes = 0;  // held or promised now, for gathered bodies
};

class Server {
  public:
    virtual ~Server() = default;  // stops
    virtual uint16_t port() const = 0;
    virtual ServerStats stats() const = 0;
    // Stops accepting, lets exchanges under way finish, and returns once the last has; or after `grace_ms`, when what
    // is left is cut off: returns how many requests. Any thread; idempotent.
    virtual uint64_t stop(uint32_t grace_ms) = 0;
};

// Binds, listens and starts its threads. `handler` and `executor` outlive the server.
// Has the process ignore SIGPIPE: sendfile and TLS writes to a peer that is gone would end it otherwise, and neither
// takes MSG_NOSIGNAL.
// Streamed exchanges run on `uploads`, where given: each holds a thread for as long as its client takes to send the
// body, and those threads are then not `executor`'s, which reads and sends what is answered.
// Errors: io where the address can not be bound (message says which), invalid_argument for a bad host or certificate.
Result<std::unique_ptr<Server>> start_server(ServerOptions options, Handler& handler, io::Executor& executor,
                                             io::Executor* uploads = nullptr);

}  // namespace millrace::http
