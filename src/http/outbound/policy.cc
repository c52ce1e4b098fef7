#include "src/http/outbound/policy.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace millrace::http {
namespace {

struct Network {
    const char* text;
    uint8_t bits;
};

// https://www.iana.org/assignments/iana-ipv4-special-registry: what is not globally reachable, and multicast.
constexpr Network special_v4[] = {
    {"0.0.0.0", 8},     {"10.0.0.0", 8},      {"100.64.0.0", 10},  {"127.0.0.0", 8},    {"169.254.0.0", 16},
    {"172.16.0.0", 12}, {"192.0.0.0", 24},    {"192.0.2.0", 24},   {"192.88.99.0", 24}, {"192.168.0.0", 16},
    {"198.18.0.0", 15}, {"198.51.100.0", 24}, {"203.0.113.0", 24}, {"224.0.0.0", 4},    {"240.0.0.0", 4},
};
// https://www.iana.org/assignments/iana-ipv6-special-registry, inside 2000::/3; all outside it is not global unicast.
constexpr Network special_v6[] = {{"2001::", 23}, {"2001:db8::", 32}, {"3fff::", 20}};
// Never by the name of a host alone: metadata of clouds, neighbours, and what is no address of one machine.
constexpr Network by_address_only[] = {
    {"0.0.0.0", 8}, {"169.254.0.0", 16}, {"224.0.0.0", 4}, {"240.0.0.0", 4},       {"::", 128},
    {"fe80::", 10}, {"fec0::", 10},      {"ff00::", 8},    {"fd00:ec2::254", 128},
};

bool shares_prefix(const uint8_t* left, const uint8_t* right, unsigned bits) {
    if (std::memcmp(left, right, bits / 8) != 0) return false;
    const unsigned rest = bits % 8;
    if (rest == 0) return true;
    const unsigned mask = 0xffU << (8 - rest) & 0xffU;
    return ((left[bits / 8] ^ right[bits / 8]) & mask) == 0;
}

bool is_in(const IpAddress& address, const IpAddress& network, unsigned bits) {
    return address.v6 == network.v6 && shares_prefix(address.bytes, network.bytes, bits);
}

bool is_in(const IpAddress& address, const Network& network) {
    IpAddress parsed;
    return IpAddress::parse(network.text, &parsed) && is_in(address, parsed, network.bits);
}

template <size_t Count>
bool is_in_any(const IpAddress& address, const Network (&networks)[Count]) {
    return std::any_of(std::begin(networks), std::end(networks),
                       [&](const Network& network) { return is_in(address, network); });
}

// The IPv4 address at `offset` of an IPv6 one.
IpAddress embedded(const IpAddress& address, size_t offset) {
    IpAddress inner;
    std::memcpy(inner.bytes, address.bytes + offset, 4);
    return inner;
}

bool is_mapped(const IpAddress& address) {
    return address.v6 && is_in(address, Network{"::ffff:0:0", 96});
}

// A connection to an IPv4-mapped address is one to the IPv4 address: entries of the list mean both.
IpAddress unmapped(const IpAddress& address) {
    return is_mapped(address) ? embedded(address, 12) : address;
}

bool is_host_name(std::string_view name) {
    if (name.empty() || name.size() > 253 || name.front() == '.' || name.back() == '.') return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    });
}

template <class Number>
bool parse_number(std::string_view text, Number* out) {
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), *out);
    return problem == std::errc() && end == text.data() + text.size();
}

std::string with_port(std::string_view host, uint16_t port) {
    const bool bare_v6 = host.find(':') != std::string_view::npos;
    return (bare_v6 ? "[" : "") + std::string(host) + (bare_v6 ? "]" : "") + ":" + std::to_string(port);
}

}  // namespace

bool IpAddress::parse(std::string_view text, IpAddress* out) {
    const std::string ended(text);
    if (ended.size() != std::strlen(ended.c_str())) return false;
    *out = {};
    if (::inet_pton(AF_INET, ended.c_str(), out->bytes) == 1) return true;
    out->v6 = true;
    return ::inet_pton(AF_INET6, ended.c_str(), out->bytes) == 1;
}

bool IpAddress::of(const sockaddr* address, IpAddress* out) {
    *out = {};
    if (address->sa_family == AF_INET) {
        std::memcpy(out->bytes, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, 4);
        return true;
    }
    if (address->sa_family != AF_INET6) return false;
    out->v6 = true;
    std::memcpy(out->bytes, &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, 16);
    return true;
}

std::string IpAddress::text() const {
    char out[INET6_ADDRSTRLEN] = {};
    ::inet_ntop(v6 ? AF_INET6 : AF_INET, bytes, out, sizeof out);
    return out;
}

bool is_public(const IpAddress& address) {
    if (!address.v6) return !is_in_any(address, special_v4);
    if (is_in(address, Network{"64:ff9b::", 96})) return is_public(embedded(address, 12));  // NAT64
    if (!is_in(address, Network{"2000::", 3}) || is_in_any(address, special_v6)) return false;
    if (is_in(address, Network{"2002::", 16})) return is_public(embedded(address, 2));  // 6to4
    return true;
}

bool OutboundPolicy::Entry::matches_name(std::string_view host, uint16_t asked) const {
    if (name.empty() || (port != 0 && port != asked)) return false;
    return wildcard ? host.size() > name.size() && host.ends_with(name) : host == name;
}

bool OutboundPolicy::Entry::matches(const IpAddress& address, uint16_t asked) const {
    return name.empty() && (port == 0 || port == asked) && is_in(unmapped(address), unmapped(network), bits);
}

Result<OutboundPolicy::Entry> OutboundPolicy::parse_entry(std::string_view text) {
    const auto none = [&](std::string_view why) -> Error {
        return {ErrorCode::invalid_argument,
                "\"" + std::string(text) + "\" " + std::string(why) +
                    "; give 127.0.0.1, 10.0.0.0/8, ::1, db.internal or *.internal, with or without :port"};
    };
    Entry entry;
    std::string_view rest = text;
    const auto take_port = [&](size_t colon) {
        const bool parsed = parse_number(rest.substr(colon + 1), &entry.port) && entry.port != 0;
        rest = rest.substr(0, colon);
        return parsed;
    };
    if (rest.starts_with('[')) {
        const size_t end = rest.find(']');
        if (end == std::string_view::npos) return none("has no ]");
        if (end + 1 < rest.size() && (rest[end + 1] != ':' || !take_port(end + 1))) return none("has a broken port");
        rest = rest.substr(1, end - 1);
    } else if (std::count(rest.begin(), rest.end(), ':') == 1 && !take_port(rest.find(':'))) {
        return none("has a broken port");
    }
    const size_t slash = rest.find('/');
    if (IpAddress::parse(rest.substr(0, slash), &entry.network)) {
        const uint8_t widest = entry.network.v6 ? 128 : 32;
        entry.bits = widest;
        if (slash != std::string_view::npos &&
            (!parse_number(rest.substr(slash + 1), &entry.bits) || entry.bits > widest))
            return none("has a broken prefix length");
        if (is_mapped(entry.network)) {
            if (entry.bits < 96) return none("is IPv4-mapped with a prefix under 96");
            entry.bits -= 96;
        }
        return entry;
    }
    entry.name = rest;
    for (char& c : entry.name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    entry.wildcard = entry.name.starts_with("*.");
    if (entry.wildcard) entry.name.erase(0, 1);
    if (!is_host_name(std::string_view(entry.name).substr(entry.wildcard ? 1 : 0)))
        return none("is no address, network or host name");
    return entry;
}

Result<std::vector<OutboundPolicy::Entry>> OutboundPolicy::parse_entries(std::string_view list) {
    constexpr std::string_view separators = ", \t\n";
    std::vector<Entry> entries;
    for (size_t at = list.find_first_not_of(separators); at != std::string_view::npos;
         at = list.find_first_not_of(separators, at)) {
        const size_t end = std::min(list.find_first_of(separators, at), list.size());
        TRY_ASSIGN(Entry entry, parse_entry(list.substr(at, end - at)));
        entries.push_back(std::move(entry));
        at = end;
    }
    return entries;
}

Result<OutboundPolicy> OutboundPolicy::parse(std::string_view allow, std::string_view hosts) {
    OutboundPolicy policy;
    TRY_ASSIGN(policy.allow_, parse_entries(allow));
    policy.any_host_ = hosts == "*";
    if (!policy.any_host_) {
        TRY_ASSIGN(policy.hosts_, parse_entries(hosts));
    }
    return policy;
}

Status OutboundPolicy::check_host(std::string_view host, uint16_t port) const {
    IpAddress literal;
    if (IpAddress::parse(host, &literal)) return check_address(host, port, literal);
    if (any_host_) return {};
    for (const auto* list : {&hosts_, &allow_}) {
        for (const Entry& entry : *list) {
            if (entry.matches_name(host, port)) return {};
        }
    }
    // A network on the list can not speak for a name before it is looked up: the address is asked then.
    const auto is_network = [](const Entry& entry) { return entry.name.empty(); };
    if (std::any_of(hosts_.begin(), hosts_.end(), is_network) || std::any_of(allow_.begin(), allow_.end(), is_network))
        return {};
    return {ErrorCode::permission_denied, "this server may not call " + with_port(host, port) +
                                              ": it is not in the operator's list (setting outbound-hosts)"};
}

Status OutboundPolicy::check_address(std::string_view host, uint16_t port, const IpAddress& address) const {
    const auto names_address = [&](const std::vector<Entry>& list) {
        return std::any_of(list.begin(), list.end(), [&](const Entry& entry) { return entry.matches(address, port); });
    };
    const auto names_host = [&](const std::vector<Entry>& list) {
        return std::any_of(list.begin(), list.end(),
                           [&](const Entry& entry) { return entry.matches_name(host, port); });
    };
    if (names_address(allow_)) return {};
    const bool host_allowed = names_host(allow_);
    if (host_allowed && !is_in_any(unmapped(address), by_address_only)) return {};
    if (!is_public(address)) {
        const std::string shown = address.text();
        const std::string who = host == shown ? shown : std::string(host) + " is " + shown + ", which";
        return {
            ErrorCode::permission_denied,
            "this server may not call " + with_port(host, port) + ": " + who +
                " is not a public address; the operator can allow it with the setting outbound-allow (for example \"" +
                with_port(shown, port) + "\")"};
    }
    if (any_host_ || host_allowed || names_host(hosts_) || names_address(hosts_)) return {};
    return {ErrorCode::permission_denied, "this server may not call " + with_port(host, port) +
                                              ": it is not in the operator's list (setting outbound-hosts)"};
}

}  // namespace millrace::http
