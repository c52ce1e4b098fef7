// A small blocking HTTP/1.1 client over plain TCP, for `millrace produce`, the demo, benchmarks and tests. No TLS, no
// redirects, no cookies, no proxy: it speaks to our own server.
//
// send() and receive() are apart so that a caller can keep several requests in flight on one connection (pipelining):
// responses come back in the order of the sends. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/http/message.h"

namespace millrace::http {

struct ClientOptions {
    std::string host = "127.0.0.1";  // a name or an address
    uint16_t port = 4566;
    uint32_t connect_ms_max = 5'000;
    uint32_t io_ms_max = 60'000;              // for the peer to make any progress in a send or a receive
    uint64_t response_bytes_max = 256 << 20;  // a larger body is an error
};

struct ClientRequest {
    std::string_view method = "POST";
    std::string_view target = "/";  // path and query, percent-encoded
    Headers headers;                // without content-length; "host" is added where absent
    std::string_view body;          // borrowed until send() returns
};

struct ClientResponse {
    int status = 0;
    Headers headers;  // names lower-cased
    std::string body;
    bool close = false;  // the server closes after this one; the client reconnects at the next send()
};

class Client {
  public:
    virtual ~Client() = default;
    // Sends one request whole. Connects first where there is no connection.
    // Errors: unavailable where the connection can not be made or is closed by the peer (with requests in flight they
    // are lost: whether they were carried out is unknown), deadline_exceeded after io_ms_max without progress.
    // After an error the connection is closed and nothing is in flight; the next send() connects anew.
    virtual Status send(const ClientRequest& request) = 0;
    // Waits for the response to the oldest unanswered send(); 100 Continue is skipped. Errors as send(), and corruption
    // where the peer does not speak HTTP/1.1, resource_exhausted over response_bytes_max, failed_precondition where
    // nothing is in flight.
    virtual Result<ClientResponse> receive() = 0;
    virtual size_t in_flight() const = 0;
    virtual bool is_connected() const = 0;
    // Drops the connection; in_flight() is 0 after.
    virtual void close() = 0;

    // send() and receive(); failed_precondition where others are in flight. Where the connection was idle and the
    // server had closed it in the meantime, tries once more on a new one - also where it is unknown whether the request
    // was carried out, so what must not happen twice is sent with send() and receive().
    Result<ClientResponse> call(const ClientRequest& request);
};

std::unique_ptr<Client> make_client(ClientOptions options);

}  // namespace millrace::http
