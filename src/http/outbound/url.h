// An absolute URL of http or https, taken apart for a call.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace millrace::http {

struct OutboundUrl {
    std::string text;  // without fragment
    bool secure = false;
    std::string host;  // lower case, without brackets or a final dot
    uint16_t port = 0;
    std::string authority;  // for the Host header: the port where it is not the scheme's own
    std::string target;     // path and query, never empty
    bool same_origin(const OutboundUrl& other) const {
        return secure == other.secure && host == other.host && port == other.port;
    }
};

// invalid_argument: not absolute, another scheme, a user in it, no host, a zone, a broken port, over 8 KiB.
Result<OutboundUrl> parse_outbound_url(std::string_view text);
// What a Location means at `base`. invalid_argument as above.
Result<OutboundUrl> resolve_outbound_url(const OutboundUrl& base, std::string_view location);

}  // namespace millrace::http
