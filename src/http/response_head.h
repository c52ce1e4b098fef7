// Writes the head of an HTTP/1.x response.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/http/message.h"

namespace millrace::http {

// "OK"; "Unknown" for a status without a registered phrase. Valid for ever.
std::string_view reason_phrase(int status);

// True where a response of this status never has a body (RFC 9110, section 6.4.1).
inline bool is_bodiless(int status) {
    return status < 200 || status == 204 || status == 304;
}

// Which fields the server adds, and so drops from what a handler set ("connection", "content-length", "date", ...).
bool is_server_field(std::string_view lower_name);

struct HeadOptions {
    std::optional<uint64_t> content_length;
    bool chunked = false;
    bool close = false;
    bool say_keep_alive = false;  // HTTP/1.0 keeps a connection only where both sides say so
    std::string_view date;        // RFC 9110's IMF-fixdate
};
// Appends to `out`. Control characters in names and values (which would begin another field or response) become spaces.
void write_response_head(const Response& response, const HeadOptions& options, std::string* out);

// "Fri, 20 Nov 2026 18:00:00 GMT"
std::string http_date(int64_t unix_seconds);

}  // namespace millrace::http
