#include "src/http/response_parser.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "src/http/characters.h"
#include "src/http/response_head.h"

namespace millrace::http {
namespace {

Error not_http(std::string_view what) {
    return {ErrorCode::corruption, "the server does not speak HTTP/1.1: " + std::string(what)};
}

}  // namespace

Result<bool> ResponseParser::feed(std::string_view bytes, size_t* taken, ClientResponse* response) {
    *taken = 0;
    for (;;) {
        std::string_view rest = bytes.substr(*taken);
        size_t end = rest.find('\n');
        if (end == std::string_view::npos) {
            if (taken_ + rest.size() > bytes_max_) return not_http("a head without end");
            return false;
        }
        *taken += end + 1;
        taken_ += end + 1;
        if (taken_ > bytes_max_) return not_http("a head without end");
        if (end == 0 || rest[end - 1] != '\r') return not_http("a line ends in LF without CR");
        std::string_view line = rest.substr(0, end - 1);
        if (response->status == 0) {
            TRY(status_line(line, response));
        } else if (!line.empty()) {
            TRY(field(line, response));
        } else if (response->status < 200) {
            *response = ClientResponse();  // interim; the real one follows
            chunked_ = has_length_ = false;
        } else {
            TRY(finish(response));
            return true;
        }
    }
}

Status ResponseParser::status_line(std::string_view line, ClientResponse* response) {
    bool known = line.starts_with("HTTP/1.1 ") || line.starts_with("HTTP/1.0 ");
    if (!known || line.size() < 12) return not_http("no status line");
    is_1_0_ = line[7] == '0';
    response->close = is_1_0_;
    auto [end, problem] = std::from_chars(line.data() + 9, line.data() + 12, response->status);
    if (problem != std::errc() || end != line.data() + 12 || response->status < 100) return not_http("no status");
    return {};
}

Status ResponseParser::field(std::string_view line, ClientResponse* response) {
    size_t colon = line.find(':');
    if (colon == 0 || colon == std::string_view::npos) return not_http("a header line without a name");
    std::string name(line.substr(0, colon));
    for (char& c : name) {
        c = to_token_lower(c);
        if (c == 0) return not_http("a header field's name has a forbidden character");
    }
    std::string_view value = trim_blanks(line.substr(colon + 1));
    // Whoever passes a field on would let a bare CR end a line.
    if (!std::all_of(value.begin(), value.end(), is_field_value)) {
        return not_http("a header field's value has a control character");
    }
    if (name == "content-length") {
        uint64_t length = 0;
        auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), length);
        if (problem != std::errc() || end != value.data() + value.size()) return not_http("a broken content-length");
        if (has_length_ && length != content_length_) return not_http("two different lengths");
        content_length_ = length;
        has_length_ = true;
    } else if (name == "transfer-encoding") {
        if (!equals_lower(value, "chunked")) return not_http("an unknown transfer coding");
        chunked_ = true;
    } else if (name == "connection") {
        if (equals_lower(value, "close")) response->close = true;
        if (equals_lower(value, "keep-alive")) response->close = false;
    }
    response->headers.add(name, value);
    return {};
}

Status ResponseParser::finish(ClientResponse* response) {
    if (chunked_ && has_length_) return not_http("both a length and chunks");
    if (answers_head_ || is_bodiless(response->status)) {
        chunked_ = false;
        content_length_ = 0;
        return {};
    }
    until_close_ = !chunked_ && !has_length_;
    if (until_close_) response->close = true;
    return {};
}

}  // namespace millrace::http
