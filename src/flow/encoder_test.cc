#include "src/flow/encoder.h"

#include <random>

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>
#include <snappy.h>
#include <zlib.h>

#include "src/base/checksum.h"

namespace millrace::flow {
namespace {

// Text that compresses, text that does not, in writes of every size around the formats' bounds.
std::vector<std::string> sample() {
    std::mt19937 random(7);
    std::vector<std::string> out;
    for (const size_t size : {0ul, 1ul, 100ul, 65'535ul, 65'536ul, 65'537ul, 131'072ul, 400'001ul}) {
        std::string text(size, 'a');
        for (size_t i = 0; i < size; ++i) {
            text[i] = static_cast<char>(size % 2 == 0 ? random() : 'a' + random() % 4);
        }
        out.push_back(text);
    }
    return out;
}

std::string encode(Compression compression, const std::vector<std::string>& writes) {
    std::string out;
    auto encoder = make_encoder(compression, "stem", TimestampMs(1'535'365'805'000), [&](std::string_view bytes) {
        out += bytes;
        return Status();
    });
    for (const std::string& bytes : writes) EXPECT_TRUE(encoder->write(bytes).ok());
    EXPECT_TRUE(encoder->finish().ok());
    return out;
}

std::string joined(const std::vector<std::string>& writes) {
    std::string out;
    for (const std::string& bytes : writes) out += bytes;
    return out;
}

uint32_t little(std::string_view bytes) {
    uint32_t value = 0;
    for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
}
uint32_t big(std::string_view bytes) {
    uint32_t value = 0;
    for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
    return value;
}

TEST(Encoder, PlainIsPlain) {
    EXPECT_EQ(encode(Compression::none, sample()), joined(sample()));
}

TEST(Encoder, GzipReadsBack) {
    const std::string packed = encode(Compression::gzip, sample());
    std::string out(joined(sample()).size() + 1, '\0');
    z_stream stream{};
    ASSERT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    EXPECT_EQ(stream.avail_in, 0u);
    inflateEnd(&stream);
    EXPECT_EQ(out, joined(sample()));
}

TEST(Encoder, ZipHoldsOneEntryWithTheObjectsName) {
    const std::string packed = encode(Compression::zip, sample());
    struct archive* reader = archive_read_new();
    archive_read_support_format_zip(reader);
    ASSERT_EQ(archive_read_open_memory(reader, packed.data(), packed.size()), ARCHIVE_OK);
    archive_entry* entry = nullptr;
    ASSERT_EQ(archive_read_next_header(reader, &entry), ARCHIVE_OK);
    EXPECT_STREQ(archive_entry_pathname(entry), "stem");
    EXPECT_EQ(archive_entry_mtime(entry), 1'535'365'805);
    std::string out(joined(sample()).size() + 1, '\0');
    out.resize(static_cast<size_t>(archive_read_data(reader, out.data(), out.size())));
    EXPECT_EQ(out, joined(sample()));
    EXPECT_EQ(archive_read_next_header(reader, &entry), ARCHIVE_EOF);
    archive_read_free(reader);
}

TEST(Encoder, SnappyIsTheFramingFormat) {
    std::string_view rest;
    const std::string packed = encode(Compression::snappy, sample());
    rest = packed;
    ASSERT_TRUE(rest.starts_with(std::string_view("\xff\x06\x00\x00sNaPpY", 10)));
    rest.remove_prefix(10);
    std::string out;
    while (!rest.empty()) {
        ASSERT_GE(rest.size(), 8u);
        const size_t length = little(rest.substr(1, 3));
        ASSERT_LE(length + 4, rest.size());
        const std::string_view data = rest.substr(8, length - 4);
        std::string plain;
        if (rest[0] == 0) {
            ASSERT_TRUE(snappy::Uncompress(data.data(), data.size(), &plain));
        } else {
            ASSERT_EQ(rest[0], 1);
            plain = data;
        }
        ASSERT_LE(plain.size(), 65'536u);
        const uint32_t sum = crc32c(0, plain);
        ASSERT_EQ(little(rest.substr(4, 4)), ((sum >> 15) | (sum << 17)) + 0xa282ead8u);
        out += plain;
        rest.remove_prefix(length + 4);
    }
    EXPECT_EQ(out, joined(sample()));
}

TEST(Encoder, HadoopSnappyIsBlocks) {
    const std::string packed = encode(Compression::hadoop_snappy, sample());
    std::string_view rest = packed;
    std::string out;
    while (!rest.empty()) {
        ASSERT_GE(rest.size(), 8u);
        const size_t plain_size = big(rest.substr(0, 4)), packed_size = big(rest.substr(4, 4));
        ASSERT_LE(packed_size + 8, rest.size());
        std::string plain;
        ASSERT_TRUE(snappy::Uncompress(rest.data() + 8, packed_size, &plain));
        ASSERT_EQ(plain.size(), plain_size);
        out += plain;
        rest.remove_prefix(packed_size + 8);
    }
    EXPECT_EQ(out, joined(sample()));
}

class AllEncoders : public testing::TestWithParam<Compression> {};

TEST_P(AllEncoders, SameRecordsGiveTheSameBytes) {
    EXPECT_EQ(encode(GetParam(), sample()), encode(GetParam(), sample()));
    EXPECT_EQ(encode(GetParam(), {joined(sample())}), encode(GetParam(), {joined(sample())}));
}

TEST_P(AllEncoders, AFailingSinkFailsTheEncoder) {
    int calls = 0;
    {
        auto encoder = make_encoder(GetParam(), "stem", TimestampMs(0), [&](std::string_view) -> Status {
            ++calls;
            return Error{ErrorCode::io, "full"};
        });
        Status last;
        for (const std::string& bytes : sample()) {
            last = encoder->write(bytes);
            if (!last.ok()) break;
        }
        if (last.ok()) last = encoder->finish();
        ASSERT_FALSE(last.ok());
        EXPECT_EQ(last.error().message, "full");
    }
    EXPECT_EQ(calls, 1) << "nothing is written after a failure, not even by the destructor";
}

INSTANTIATE_TEST_SUITE_P(Encoder, AllEncoders,
                         testing::Values(Compression::none, Compression::gzip, Compression::zip, Compression::snappy,
                                         Compression::hadoop_snappy));

}  // namespace
}  // namespace millrace::flow
