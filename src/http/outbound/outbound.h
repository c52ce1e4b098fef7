// The server's way out: HTTP/1.1 calls to URLs that users name, over TCP or TLS, by whoever is a client of somebody
// else: polling sources, API destinations, HTTP integrations, the keys of token issuers.
//
// What a user names is not trusted: every address that a name stands for is held against the operator's policy
// (policy.h) after it was looked up and before a connection is made, so neither a name that points inwards nor one that
// changes between look-up and connect (DNS rebinding) reaches what only this machine can.
//
// TLS: versions 1.2 and 1.3, the certificate's chain and name verified always; there is no switch that turns it off.
// No proxies, no cookies, no HTTP/2, no trust in the environment's http_proxy.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/http/message.h"
#include "src/http/outbound/policy.h"

namespace millrace::http {

struct OutboundRequest {
    std::string method = "GET";
    // Absolute: "https://host[:port]/path?query", percent-encoded; a fragment is left out. Names and passwords in it
    // are refused: they belong into a header.
    std::string url;
    // Without content-length, and without what concerns the connection alone (is_hop_by_hop below): those are refused.
    // "host", "accept-encoding" and "user-agent" are added where absent.
    Headers headers;
    std::string_view body;  // borrowed until call() returns

    uint32_t connect_ms_max = 5'000;            // look-up, TCP and TLS together
    uint32_t first_byte_ms_max = 30'000;        // from the request's last byte to the response's first
    uint32_t total_ms_max = 60'000;             // all of it, redirects included
    uint64_t response_bytes_max = 10 << 20;     // the body, also after decompression
    uint32_t response_head_bytes_max = 65'536;  // status line and header fields
    // GET and HEAD alone follow 301, 302, 303, 307 and 308, each held against the policy. To another origin than the
    // first only accept*, user-agent and conditions go along, as any other header may be a secret; and no redirect
    // leads from https to http. 0: the redirect is the response.
    uint32_t redirects_max = 0;
    // gzip is asked for (unless the headers have an accept-encoding) and decoded, content-encoding and content-length
    // are then taken out of the headers. false: the body as it came.
    bool decode = true;
};

struct OutboundResponse {
    int status = 0;
    Headers headers;  // names lower-cased; values have no control characters; chunking is undone
    std::string body;
    std::string url;  // which answered, after redirects
};

struct OutboundOptions {
    OutboundPolicy policy;
    // PEM file of more authorities, beside the system's; empty: none.
    std::string ca_file;
    std::string user_agent = "millrace";
    // Connections that are kept for the next call to the same origin.
    uint32_t idle_connections_max = 64;
    uint32_t idle_connections_per_origin_max = 8;
    uint32_t idle_ms_max = 15'000;
    uint32_t lookups_max = 32;  // names being looked up at once; one over it is `unavailable`
};

struct OutboundStats {
    uint64_t calls = 0, connections = 0, reused = 0, refused = 0;
};

// Any thread, many calls at once; each blocks its thread. Never call it on an I/O thread.
class Outbound {
  public:
    // invalid_argument where ca_file can not be read.
    static Result<std::unique_ptr<Outbound>> make(OutboundOptions options);
    virtual ~Outbound() = default;  // no call is under way

    // Any status is a response. Errors, with a sentence for whoever named the URL:
    //   invalid_argument    the URL, the method or a header can not be sent (nothing was)
    //   permission_denied   the policy does not let this address, port or host be called (nothing was sent)
    //   unauthenticated     TLS: the certificate is not trusted, out of date, or another name's (nothing was sent)
    //   unavailable         no such name, nobody listens, or the connection broke
    //   deadline_exceeded   one of the three times
    //   resource_exhausted  the response is larger than allowed
    //   corruption          it is not HTTP/1.1, or not what its headers say
    //   cancelled           after stop()
    // With the last five the request may have been carried out. Only where a kept connection turns out to be closed
    // before a byte came back is it sent again, on a new one, and only with an idempotent method (RFC 9110, 9.2.2).
    virtual Result<OutboundResponse> call(const OutboundRequest& request) = 0;

    // What can be said of a URL before it is called: that it is one, that its host and port are not refused by
    // themselves (a literal private address, a host that is not on the list). A name is not looked up.
    // invalid_argument, permission_denied.
    virtual Status check_url(std::string_view url) const = 0;

    // Ends the calls under way, and every later one, with `cancelled`. Any thread; does not wait for them.
    virtual void stop() = 0;
    virtual OutboundStats stats() const = 0;
};

// Header fields that concern one connection and may not be passed on (RFC 9110, 7.6.1), and those that the client
// writes itself: connection, keep-alive, proxy-*, te, trailer, transfer-encoding, upgrade, content-length. `name` in
// lower case.
bool is_hop_by_hop(std::string_view name);

}  // namespace millrace::http
