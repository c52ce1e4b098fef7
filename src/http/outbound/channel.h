// One connection outwards: TCP, and TLS over it where asked for. One thread at a time.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/http/outbound/resolver.h"
#include "src/http/outbound/time_left.h"

struct ssl_ctx_st;
struct ssl_st;

namespace millrace::http {

class Channel {
  public:
    // unavailable, deadline_exceeded; cancelled once `stop` is readable, which outlives the channel.
    static Result<std::unique_ptr<Channel>> connect(const ResolvedAddress& address, int stop, const TimeLeft& time);
    ~Channel();
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    // The client's side of TLS; the certificate must be one of `host` (a name or an address). unauthenticated.
    Status begin_tls(ssl_ctx_st* context, const std::string& host, const TimeLeft& time);
    Status write(std::string_view bytes, const TimeLeft& time);
    // 0 at the end. A TLS connection that ends without saying so (close_notify) is `unavailable`: it may be cut.
    Result<size_t> read(char* out, size_t size, const TimeLeft& time);
    // Nothing has come that nobody asked for, the end included: may be used for another request.
    bool is_quiet() const;

  private:
    Channel(int descriptor, int stop) : descriptor_(descriptor), stop_(stop) {}
    Status tls_wait(int outcome, std::string_view doing, const TimeLeft& time);

    const int descriptor_;
    const int stop_;
    ssl_st* tls_ = nullptr;
};

// Trusts the system's authorities and those of `ca_file` (none where empty). invalid_argument.
Result<std::shared_ptr<ssl_ctx_st>> make_client_tls(const std::string& ca_file);

}  // namespace millrace::http
