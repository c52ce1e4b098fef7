// Any bytes from a server, whole and in pieces: the reader must not break, keeps to its bounds, and reads the same
// whichever way the bytes come. What it unpacks is bounded too.
#include <cstring>
#include <string>

#include "src/http/characters.h"
#include "src/http/content_coding.h"
#include "src/http/outbound/request_text.h"
#include "src/http/outbound/response_reader.h"
#include "src/http/outbound/url.h"

namespace {

using namespace millrace;
using namespace millrace::http;

constexpr uint64_t body_bytes_max = 4096;

Result<ClientResponse> read(std::string_view bytes, size_t step, bool answers_head) {
    ResponseReader reader({.answers_head = answers_head, .body_bytes_max = body_bytes_max, .head_bytes_max = 2048},
                          [&](char* out, size_t size) -> Result<size_t> {
                              const size_t taken = std::min({size, step, bytes.size()});
                              std::memcpy(out, bytes.data(), taken);
                              bytes.remove_prefix(taken);
                              return taken;
                          });
    return reader.read();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const bool answers_head = data[0] & 1;
    const auto whole = read(bytes, SIZE_MAX, answers_head);
    const auto pieces = read(bytes, 1, answers_head);
    MILLRACE_CHECK(whole.ok() == pieces.ok());
    if (whole.ok()) {
        MILLRACE_CHECK(whole->status == pieces->status && whole->body == pieces->body);
        MILLRACE_CHECK(whole->body.size() <= body_bytes_max && whole->status >= 200);
        for (const auto& [name, value] : whole->headers.fields()) MILLRACE_CHECK(are_field_value(value));
        OutboundResponse response{whole->status, whole->headers, whole->body, {}};
        const Status decoded = decode_body({.response_bytes_max = body_bytes_max}, &response);
        MILLRACE_CHECK(!decoded.ok() || response.body.size() <= body_bytes_max);
    }
    const auto unpacked = decode_content("gzip", bytes, body_bytes_max);
    MILLRACE_CHECK(!unpacked.ok() || unpacked->size() <= body_bytes_max);
    // A URL that passes can not break out of the request line or the Host header.
    if (const auto url = parse_outbound_url(bytes); url.ok()) {
        const std::string head = request_head("GET", *url, {}, 0, "x");
        MILLRACE_CHECK(std::count(head.begin(), head.end(), '\n') == 4);
        MILLRACE_CHECK(std::count(head.begin(), head.end(), '\r') == 4);
        const auto again = parse_outbound_url(url->text);
        MILLRACE_CHECK(again.ok() && again->text == url->text && again->host == url->host);
    }
    return 0;
}
