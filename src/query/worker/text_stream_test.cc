#include "src/query/worker/text_stream.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace millrace::query {
namespace {

// The same whole and cut at every place: a stream may be cut anywhere.
std::string folded(std::string text, uint32_t depth = UINT32_MAX) {
    std::string whole = text;
    KeyFolder(depth).fold(whole);
    for (size_t cut = 0; cut <= text.size(); ++cut) {
        std::string parts = text;
        KeyFolder folder(depth);
        folder.fold(std::span<char>(parts.data(), cut));
        folder.fold(std::span<char>(parts.data() + cut, parts.size() - cut));
        EXPECT_EQ(parts, whole) << cut;
    }
    return whole;
}

TEST(KeyFolder, keys_and_nothing_else) {
    EXPECT_EQ(folded(R"({"InvoiceNo":"ABC","A\"B":["X",{"Deep":"Y"}],"C" : {"D":"E"}})"),
              R"({"invoiceno":"ABC","a\"b":["X",{"deep":"Y"}],"c" : {"d":"E"}})");
    EXPECT_EQ(folded("{\"A\":1}\n{\"B\":\"C\"}\n"), "{\"a\":1}\n{\"b\":\"C\"}\n");
}

TEST(KeyFolder, maps_keep_their_keys_below_the_given_depth) {
    EXPECT_EQ(folded(R"({"Map":{"Key":1}})", 1), R"({"map":{"Key":1}})");
}

TEST(KeyFolder, a_broken_line_does_not_spoil_the_next) {
    EXPECT_EQ(folded("{\"A\":\"open\n{\"B\":\"C\"}\n"), "{\"a\":\"open\n{\"b\":\"C\"}\n");
}

std::string escaped(std::string_view text) {
    std::string whole;
    EscapeFolder('"', '\\').fold(text, &whole);
    for (size_t cut = 0; cut <= text.size(); ++cut) {
        std::string parts;
        EscapeFolder folder('"', '\\');
        folder.fold(text.substr(0, cut), &parts);
        folder.fold(text.substr(cut), &parts);
        EXPECT_EQ(parts, whole) << cut;
    }
    return whole;
}

TEST(EscapeFolder, a_backslash_before_a_quote_becomes_a_doubled_quote) {
    EXPECT_EQ(escaped(R"("a\"b","c""d")"), R"("a""b","c""d")");
    EXPECT_EQ(escaped(R"("a\\b","x\y")"), R"("a\b","xy")");
    EXPECT_EQ(escaped(R"(plain,"q")"), R"(plain,"q")");
}

std::string gzip(const std::string& text) {
    std::string out(text.size() + 100, '\0');
    z_stream stream{};
    ::deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    ::deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    ::deflateEnd(&stream);
    return out;
}

Result<std::string> decompressed(const std::string& bytes, std::string_view key) {
    size_t at = 0;
    ByteSource source = decompressing(
        [&](std::span<char> out) -> Result<size_t> {
            const size_t count = bytes.copy(out.data(), std::min<size_t>(out.size(), 7), at);
            at += count;
            return count;
        },
        key);
    std::string text;
    char buffer[5];
    for (;;) {
        TRY_ASSIGN(const size_t got, source(buffer));
        if (got == 0) return text;
        text.append(buffer, got);
    }
}

TEST(Decompressing, members_of_gzip_follow_one_another) {
    EXPECT_EQ(*decompressed(gzip("hello ") + gzip("world"), "k.gz"), "hello world");
    EXPECT_EQ(*decompressed("plain", "k.json"), "plain");
}

TEST(Decompressing, what_ends_too_early_or_is_none_is_an_error) {
    const std::string whole = gzip("hello world");
    EXPECT_EQ(decompressed(whole.substr(0, whole.size() - 4), "k.gz").error().code, ErrorCode::corruption);
    EXPECT_EQ(decompressed("not gzip at all", "k.gz").error().code, ErrorCode::corruption);
    EXPECT_EQ(decompressed("not zstd", "k.zst").error().code, ErrorCode::corruption);
    EXPECT_EQ(decompressed(std::string("\0\0\0\5\0\0\0\3abc", 11), "k.snappy").error().code, ErrorCode::corruption);
}

}  // namespace
}  // namespace millrace::query
