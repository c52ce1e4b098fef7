// A non-blocking stream socket, plain or under TLS.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include <sys/uio.h>

struct ssl_st;
struct ssl_ctx_st;

namespace millrace::http {

class Socket {
  public:
    static constexpr ptrdiff_t would_block = -1;
    static constexpr ptrdiff_t failed = -2;

    explicit Socket(int descriptor) : descriptor_(descriptor) {}
    ~Socket() { close(); }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    int descriptor() const { return descriptor_; }
    bool is_secure() const { return tls_ != nullptr; }
    // Begins the server's side of TLS. handshake() is called until it is done.
    void begin_tls(ssl_ctx_st* context);
    enum class Handshake : unsigned char { done, would_block, failed };
    Handshake handshake();
    bool in_handshake() const { return in_handshake_; }
    std::string chosen_protocol() const;  // ALPN: "h2", "http/1.1", or empty

    // Bytes read, 0 at the end, would_block or failed.
    ptrdiff_t read(char* out, size_t size);
    ptrdiff_t peek(char* out, size_t size);  // plain only
    // Bytes taken, would_block or failed.
    ptrdiff_t write(const iovec* pieces, int count);
    void end_output();      // FIN, after TLS's close_notify
    void reset_on_close();  // close() then drops what is not sent
    void close();

  private:
    int descriptor_;
    ssl_st* tls_ = nullptr;
    bool in_handshake_ = false;
    std::unique_ptr<char[]> record_;  // TLS: small pieces are gathered into one record
};

}  // namespace millrace::http
