#include "src/gateway/rest/body.h"

#include <zlib.h>

#include "src/base/base64.h"
#include "src/base/result.h"
#include "src/gateway/text/uri.h"
#include "src/http/characters.h"

namespace millrace::gateway {
namespace {

std::optional<std::string> decoded(std::string_view text) {
    std::string out;
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
    return base64_decode(text, &out) ? std::optional<std::string>(std::move(out)) : std::nullopt;
}

constexpr int gzip_window = 15 + 16;

}  // namespace

std::optional<std::string> convert_request(std::string body, bool binary, std::string_view handling) {
    if (handling == "CONVERT_TO_TEXT" && binary) return base64_encode(body);
    if (handling == "CONVERT_TO_BINARY" && !binary) return decoded(body);
    return body;
}

std::optional<std::string> convert_answer(std::string body, bool binary, bool accepts_binary,
                                          std::string_view handling) {
    if (binary) {
        const bool as_text = handling == "CONVERT_TO_TEXT" || (handling.empty() && !accepts_binary);
        return as_text ? base64_encode(body) : body;
    }
    if (handling == "CONVERT_TO_BINARY") return decoded(body);
    // Nobody said that it is base64: text that is not stays what it is.
    return handling.empty() && accepts_binary ? decoded(body).value_or(body) : body;
}

std::string gzip(std::string_view body) {
    z_stream stream{};
    MILLRACE_CHECK(::deflateInit2(&stream, 1, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string out(::deflateBound(&stream, body.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
    stream.avail_in = static_cast<uInt>(body.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    MILLRACE_CHECK(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    ::deflateEnd(&stream);
    return out;
}

bool accepts_gzip(std::string_view accept_encoding) {
    while (!accept_encoding.empty()) {
        std::string_view one = accept_encoding.substr(0, accept_encoding.find(','));
        accept_encoding.remove_prefix(std::min(one.size() + 1, accept_encoding.size()));
        const std::string all = lower_case(http::trim_blanks(one));
        const std::string_view name = http::trim_blanks(std::string_view(all).substr(0, all.find(';')));
        if (name == "gzip" || name == "*")
            return all.find("q=0") == std::string::npos || all.find("q=0.") != std::string::npos;
    }
    return false;
}

}  // namespace millrace::gateway
