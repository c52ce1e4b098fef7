// Which hosts and addresses the server may call for its users. Whoever may make a source, an API destination or an HTTP
// integration chooses where the server connects to, and the server stands inside: by default only addresses that are
// reachable from the whole internet (IANA's special-purpose registries, RFC 6890) are called, and the operator names
// the rest one by one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

struct sockaddr;

namespace millrace::http {

// An IPv4 or IPv6 address.
struct IpAddress {
    bool v6 = false;
    uint8_t bytes[16] = {};  // the first four for IPv4

    static bool parse(std::string_view text, IpAddress* out);  // no brackets, no zone
    // The address of an AF_INET or AF_INET6 socket address; false for others.
    static bool of(const sockaddr* address, IpAddress* out);
    std::string text() const;
    bool operator==(const IpAddress&) const = default;
};

// Reachable from anywhere: not loopback, private, link-local (and so no cloud's metadata), shared, multicast, reserved,
// documentation's, nor an IPv6 address that holds such an IPv4 one (6to4, NAT64) or is IPv4-mapped.
bool is_public(const IpAddress& address);

class OutboundPolicy {
  public:
    // Only public addresses, any host.
    OutboundPolicy() = default;
    // `allow`: what may be called although it is not public, separated by commas or blanks: addresses ("127.0.0.1",
    // "::1"), networks ("10.0.0.0/8", "fd00::/8"), host names ("db.internal", "*.internal" for all below it), each also
    // with a port ("127.0.0.1:8080", "[::1]:8080", "db.internal:443"). A host name covers whatever address it has, but
    // link-local ones (metadata) and multicast, which must be named as addresses.
    // `hosts`: which hosts may be called at all, in the same form; "*" is every one. What `allow` names is in it.
    // invalid_argument says which entry is none.
    static Result<OutboundPolicy> parse(std::string_view allow, std::string_view hosts = "*");

    // Before the look-up: permission_denied where `host` (lower case, no brackets) is not among the hosts.
    Status check_host(std::string_view host, uint16_t port) const;
    // After it, for each address before it is connected to. permission_denied says which setting would allow it.
    Status check_address(std::string_view host, uint16_t port, const IpAddress& address) const;

  private:
    struct Entry {
        std::string name;  // a host, or the ending ".internal" of a wildcard; empty: a network
        bool wildcard = false;
        IpAddress network;
        uint8_t bits = 0;
        uint16_t port = 0;  // 0: any
        bool matches_name(std::string_view host, uint16_t asked) const;
        bool matches(const IpAddress& address, uint16_t asked) const;
    };
    static Result<std::vector<Entry>> parse_entries(std::string_view list);
    static Result<Entry> parse_entry(std::string_view text);

    std::vector<Entry> allow_;
    std::vector<Entry> hosts_;
    bool any_host_ = true;
};

}  // namespace millrace::http
