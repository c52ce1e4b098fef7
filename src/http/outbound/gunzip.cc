#include "src/http/outbound/gunzip.h"

#include <algorithm>
#include <climits>
#include <memory>

#include <zlib.h>

namespace millrace::http {

Result<std::string> gunzip(std::string_view bytes, uint64_t bytes_max) {
    constexpr int gzip_alone = 16 + MAX_WBITS;
    z_stream stream{};
    if (::inflateInit2(&stream, gzip_alone) != Z_OK) return Error{ErrorCode::internal, "zlib can not begin"};
    std::unique_ptr<z_stream, int (*)(z_stream*)> owner(&stream, ::inflateEnd);
    const Error broken{ErrorCode::corruption, "the response says content-encoding: gzip and is not"};
    std::string out;
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    if (bytes.size() > UINT_MAX) return Error{ErrorCode::resource_exhausted, "the response is too large"};
    stream.avail_in = static_cast<uInt>(bytes.size());
    char piece[32 * 1024];
    for (;;) {
        stream.next_out = reinterpret_cast<Bytef*>(piece);
        stream.avail_out = sizeof piece;
        const int outcome = ::inflate(&stream, Z_NO_FLUSH);
        if (outcome != Z_OK && outcome != Z_STREAM_END) return broken;  // Z_BUF_ERROR: it is cut
        out.append(piece, sizeof piece - stream.avail_out);
        if (out.size() > bytes_max)
            return Error{ErrorCode::resource_exhausted,
                         "the response, unpacked, is larger than " + std::to_string(bytes_max) + " bytes"};
        if (outcome == Z_OK) continue;
        if (stream.avail_in == 0) return out;
        if (::inflateReset(&stream) != Z_OK) return broken;
    }
}

}  // namespace millrace::http
