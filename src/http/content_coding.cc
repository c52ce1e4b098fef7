#include "src/http/content_coding.h"

#include <algorithm>

#include <strings.h>
#include <zlib.h>

namespace millrace::http {
namespace {

constexpr size_t piece_bytes = 64 * 1024;
constexpr int any_window = 15;  // zlib's framing, which "deflate" means
constexpr int gzip_window = 15 + 16;

struct Stream {
    z_stream z{};
    bool open = false;
    ~Stream() {
        if (open) inflateEnd(&z);
    }
};

Error broken(std::string_view coding) {
    return {ErrorCode::invalid_argument, "The body is not in the Content-Encoding " + std::string(coding) + "."};
}

Result<std::string> inflate_all(std::string_view coding, int window, std::string_view bytes, size_t bytes_max,
                                size_t padding) {
    Stream stream;
    if (inflateInit2(&stream.z, window) != Z_OK) return Error{ErrorCode::internal, "zlib can not be set up"};
    stream.open = true;
    // Zlib takes 32-bit lengths; bodies are bounded well below.
    if (bytes.size() > UINT32_MAX) return Error{ErrorCode::resource_exhausted, "The compressed body is too large."};
    stream.z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.z.avail_in = static_cast<uInt>(bytes.size());
    std::string out;
    for (;;) {
        const size_t before = out.size();
        const size_t room = std::min(std::max(piece_bytes, before), bytes_max + 1 - before);
        out.resize(before + room);
        stream.z.next_out = reinterpret_cast<Bytef*>(out.data() + before);
        stream.z.avail_out = static_cast<uInt>(room);
        const int status = inflate(&stream.z, Z_NO_FLUSH);
        out.resize(before + room - stream.z.avail_out);
        if (out.size() > bytes_max) {
            return Error{ErrorCode::resource_exhausted,
                         "The body is larger than " + std::to_string(bytes_max) + " bytes once decoded."};
        }
        if (status == Z_STREAM_END) {
            if (stream.z.avail_in == 0) break;
            if (window != gzip_window || inflateReset(&stream.z) != Z_OK) return broken(coding);
            continue;
        }
        if (status != Z_OK || (stream.z.avail_in == 0 && stream.z.avail_out > 0)) return broken(coding);
    }
    out.append(padding, '\0');
    return out;
}

bool is(std::string_view coding, std::string_view name) {
    return coding.size() == name.size() && strncasecmp(coding.data(), name.data(), name.size()) == 0;
}

}  // namespace

Result<std::string> decode_content(std::string_view coding, std::string_view bytes, size_t bytes_max, size_t padding) {
    if (is(coding, "gzip") || is(coding, "x-gzip")) return inflate_all(coding, gzip_window, bytes, bytes_max, padding);
    if (is(coding, "deflate")) return inflate_all(coding, any_window, bytes, bytes_max, padding);
    if (!coding.empty() && !is(coding, "identity")) {
        return Error{ErrorCode::unsupported, "Content-Encoding " + std::string(coding) + " is not understood."};
    }
    if (bytes.size() > bytes_max) return Error{ErrorCode::resource_exhausted, "The body is too large."};
    std::string out(bytes);
    out.append(padding, '\0');
    return out;
}

}  // namespace millrace::http
