#include "src/http/chunk_decoder.h"

#include <string>

#include <gtest/gtest.h>

namespace millrace::http {
namespace {

struct Decoded {
    std::string data;
    bool done = false;
    bool bad = false;
    size_t taken = 0;
};

Decoded decode(std::string_view bytes, size_t step = std::string_view::npos) {
    ChunkDecoder decoder;
    Decoded decoded;
    std::string kept;
    while (!decoded.done && !decoded.bad) {
        ChunkDecoder::Step next = decoder.next(kept, SIZE_MAX);
        decoded.data += next.data;
        decoded.done = next.done;
        decoded.bad = next.bad;
        decoded.taken += next.taken;
        kept.erase(0, next.taken);
        if (next.taken > 0 || decoded.bad) continue;
        if (bytes.empty()) break;
        std::string_view piece = bytes.substr(0, step);
        bytes.remove_prefix(piece.size());
        kept += piece;
    }
    return decoded;
}

TEST(ChunkDecoder, takes_the_coding_off_in_pieces_of_any_size) {
    std::string_view bytes =
        "5\r\nhello\r\n00000A;ext=\"a b\"\r\n0123456789\r\n1\r\n\n\r\n0\r\nX-Trailer: 1\r\n\r\nnext";
    for (size_t step : {size_t{1}, size_t{2}, size_t{3}, size_t{11}, size_t{1000}}) {
        Decoded decoded = decode(bytes, step);
        EXPECT_TRUE(decoded.done) << step;
        EXPECT_EQ(decoded.data, "hello0123456789\n") << step;
        EXPECT_EQ(decoded.taken, bytes.size() - 4) << step;
    }
}

TEST(ChunkDecoder, refuses_whatever_two_readers_could_read_differently) {
    for (const std::string& bytes : std::initializer_list<std::string>{
             "\r\n",
             "x\r\n",
             "-1\r\n",
             "+1\r\n",
             "0x1\r\n",
             " 1\r\na\r\n",
             "1 \r\na\r\n",
             "1\na\r\n0\r\n\r\n",
             "1\r\na\n0\r\n\r\n",
             "1\r\nab\r\n0\r\n\r\n",
             "1\r\na\rb",
             "1\r\naX\r\n",
             ";ext\r\n",
             "1;a\nb\r\n",
             "1;a\rb\r\n",
             std::string("1;a\0b\r\n", 7),
             "10000000000000000\r\n",
             "FFFFFFFFFFFFFFFFF\r\n",
             "1;" + std::string(5000, 'x') + "\r\n",
             std::string(5000, '0'),
             "0\r\n\n",
             "0\r\nno colon\r\n\r\n",
             "0\r\n: a\r\n\r\n",
             "0\r\nX : a\r\n\r\n",
             "0\r\n folded: a\r\n\r\n",
             "0\r\nX: a\rb\r\n\r\n",
         }) {
        for (size_t step : {std::string_view::npos, size_t{1}}) {
            EXPECT_TRUE(decode(bytes, step).bad) << bytes.substr(0, 40);
        }
    }
}

TEST(ChunkDecoder, bounds_extensions_and_trailers) {
    std::string extensions;
    for (int i = 0; i < 100; ++i) extensions += "1;" + std::string(1000, 'x') + "\r\na\r\n";
    EXPECT_TRUE(decode(extensions).bad);
    std::string trailers = "0\r\n";
    for (int i = 0; i < 100; ++i) trailers += "x: " + std::string(1000, 'x') + "\r\n";
    EXPECT_TRUE(decode(trailers).bad);
}

TEST(ChunkDecoder, gives_no_more_data_than_there_is_room_for) {
    ChunkDecoder decoder;
    EXPECT_EQ(decoder.next("5\r\nhello\r\n", 3).taken, 3u);
    ChunkDecoder::Step step = decoder.next("hello\r\n", 3);
    EXPECT_EQ(step.data, "hel");
    EXPECT_EQ(decoder.next("lo\r\n", 0).taken, 0u);
    EXPECT_EQ(decoder.next("lo\r\n", 9).data, "lo");
}

}  // namespace
}  // namespace millrace::http
