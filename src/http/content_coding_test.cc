#include "src/http/content_coding.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace millrace::http {
namespace {

std::string compressed(std::string_view text, int window) {
    z_stream z{};
    EXPECT_EQ(deflateInit2(&z, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
    std::string out(deflateBound(&z, text.size()) + 64, '\0');
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    z.avail_in = static_cast<uInt>(text.size());
    z.next_out = reinterpret_cast<Bytef*>(out.data());
    z.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
    out.resize(z.total_out);
    deflateEnd(&z);
    return out;
}
std::string gzip(std::string_view text) {
    return compressed(text, 15 + 16);
}

TEST(ContentCoding, WhatWasCompressedComesBack) {
    for (const size_t size : {0, 1, 63, 64 * 1024, 1 << 20}) {
        const std::string text(size, 'x');
        EXPECT_EQ(*decode_content("gzip", gzip(text), 1 << 20), text);
        EXPECT_EQ(*decode_content("GZip", gzip(text), 1 << 20, 64), text + std::string(64, '\0'));
        EXPECT_EQ(*decode_content("deflate", compressed(text, 15), 1 << 20), text);
        EXPECT_EQ(*decode_content("identity", text, 1 << 20), text);
    }
    EXPECT_EQ(*decode_content("gzip", gzip("two ") + gzip("members"), 100), "two members");
}

TEST(ContentCoding, CutBrokenAndUnknownBodiesAreRefused) {
    const std::string whole = gzip("some text that is long enough");
    for (size_t size = 0; size < whole.size(); ++size) {
        EXPECT_EQ(decode_content("gzip", whole.substr(0, size), 100).error().code, ErrorCode::invalid_argument) << size;
    }
    EXPECT_EQ(decode_content("gzip", whole + "junk", 100).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(decode_content("deflate", whole, 100).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(decode_content("br", whole, 100).error().code, ErrorCode::unsupported);
    EXPECT_EQ(decode_content("gzip, gzip", whole, 100).error().code, ErrorCode::unsupported);
}

TEST(ContentCoding, ABombStopsAtTheBound) {
    const std::string bomb = gzip(std::string(32 << 20, ' '));
    EXPECT_EQ(decode_content("gzip", bomb, 16 << 20).error().code, ErrorCode::resource_exhausted);
    EXPECT_EQ(decode_content("gzip", gzip("12345"), 4).error().code, ErrorCode::resource_exhausted);
    EXPECT_EQ(*decode_content("gzip", gzip("1234"), 4), "1234");
}

}  // namespace
}  // namespace millrace::http
