// The chunked upload of the S3 API reference: 66,560 bytes of 'a' in chunks of 64 KiB, 1 KiB and none.
#include "src/aws/payload_reader.h"

#include <cstring>

#include <gtest/gtest.h>

#include "src/base/base64.h"
#include "src/base/checksum.h"

namespace millrace::aws {
namespace {

class Pieces final : public http::BodyReader {
  public:
    Pieces(std::string bytes, size_t step) : bytes_(std::move(bytes)), step_(step) {}
    Result<size_t> read(std::span<char> out) override {
        const size_t count = std::min({out.size(), step_, bytes_.size() - at_});
        std::memcpy(out.data(), bytes_.data() + at_, count);
        at_ += count;
        return count;
    }

  private:
    std::string bytes_;
    size_t at_ = 0;
    size_t step_;
};

std::string signed_upload() {
    return "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n" +
           std::string(65536, 'a') +
           "\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n" +
           std::string(1024, 'a') +
           "\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n";
}

PayloadOptions signed_options() {
    PayloadOptions options;
    options.verified.payload = PayloadCheck::chunks_signed;
    options.verified.signing_key = std::make_shared<const HmacSha256>(
        signing_key("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "20130524", "us-east-1", "s3"));
    options.verified.seed_signature = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
    options.verified.date_time = "20130524T000000Z";
    options.verified.scope = "20130524/us-east-1/s3/aws4_request";
    options.decoded_length = 66560;
    return options;
}

// The decoded bytes; the failure's code where one came.
struct Drained {
    std::string bytes;
    std::string code;
};
Drained drain(std::string body, PayloadOptions options, size_t step, size_t room = 4096) {
    Pieces pieces(std::move(body), step);
    const auto reader = make_payload_reader(pieces, std::move(options));
    Drained outcome;
    std::string piece(room, '\0');
    for (;;) {
        const Result<size_t> count = reader->read(piece);
        if (!count.ok()) {
            outcome.code = reader->failure() ? reader->failure()->code : "below";
            EXPECT_FALSE(reader->read(piece).ok()) << "a failure must stay";
            return outcome;
        }
        if (*count == 0) return outcome;
        outcome.bytes.append(piece, 0, *count);
    }
}

TEST(PayloadReader, TheDocumentedChunksInPiecesOfAnySize) {
    for (const size_t step : {1, 2, 85, 86, 87, 4096, 100'000}) {
        for (const size_t room : {1, 1000, 20'000}) {
            if (step * room < 100) continue;  // a byte at a time both ways only takes long
            const Drained outcome = drain(signed_upload(), signed_options(), step, room);
            EXPECT_EQ(outcome.code, "");
            EXPECT_EQ(outcome.bytes, std::string(66560, 'a'));
        }
    }
}

TEST(PayloadReader, AnyChangedByteFails) {
    const std::string good = signed_upload();
    for (const size_t at : {size_t{0}, size_t{30}, size_t{100}, size_t{65'000}, good.size() - 1110, good.size() - 10}) {
        std::string bad = good;
        bad[at] = bad[at] == 'b' ? 'c' : 'b';
        EXPECT_NE(drain(bad, signed_options(), 1000).code, "") << at;
    }
}

TEST(PayloadReader, ACutBodyFailsWhereverItIsCut) {
    const std::string good = signed_upload();
    for (size_t size = 0; size < good.size() - 2; size += size < 200 || size > good.size() - 200 ? 1 : 977)
        EXPECT_NE(drain(good.substr(0, size), signed_options(), 1000).code, "") << size;
}

TEST(PayloadReader, ALengthThatWasNotAnnouncedFails) {
    for (const uint64_t length : {66'559, 66'561}) {
        PayloadOptions options = signed_options();
        options.decoded_length = length;
        EXPECT_EQ(drain(signed_upload(), std::move(options), 1000).code, "IncompleteBody");
    }
}

PayloadOptions trailer_options(std::string names) {
    PayloadOptions options;
    options.verified.payload = PayloadCheck::chunks_unsigned_trailer;
    options.trailer_names = std::move(names);
    return options;
}

std::string crc32_text(std::string_view bytes) {
    const uint32_t sum = crc32(0, bytes);
    std::string raw;
    for (int shift = 24; shift >= 0; shift -= 8) raw += static_cast<char>(sum >> shift);
    return base64_encode(raw);
}

TEST(PayloadReader, TrailersBringTheChecksumsThatWereAnnounced) {
    const std::string body = "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:" + crc32_text("hello") + "\r\n\r\n";
    EXPECT_EQ(drain(body, trailer_options("x-amz-checksum-crc32"), 3).bytes, "hello");
    EXPECT_EQ(drain(body, trailer_options("X-Amz-Checksum-CRC32"), 3).code, "");
    EXPECT_EQ(drain(body, trailer_options("x-amz-checksum-sha256"), 3).code, "MalformedTrailerError");
    const std::string wrong = "5\r\nhellO\r\n0\r\nx-amz-checksum-crc32:" + crc32_text("hello") + "\r\n\r\n";
    EXPECT_EQ(drain(wrong, trailer_options("x-amz-checksum-crc32"), 3).code, "BadDigest");
    EXPECT_EQ(drain("5\r\nhello\r\n0\r\n\r\n", trailer_options("x-amz-checksum-crc32"), 3).code,
              "MalformedTrailerError");
    EXPECT_EQ(drain("0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", trailer_options("x-amz-checksum-crc32"), 3).code, "");
}

TEST(PayloadReader, HostileChunkHeaders) {
    for (const std::string body : {"", "\r\n", "zz\r\n", "-1\r\n", "ffffffffffffffff\r\nx", "fffffffffffffffff\r\nx",
                                   "5\r\nhelloX\r\n0\r\n\r\n"})
        EXPECT_NE(drain(body, trailer_options(""), 100).code, "") << body;
    EXPECT_EQ(drain(std::string(100'000, '0'), trailer_options(""), 100).code, "InvalidChunkSizeError");
    std::string many = "0\r\n";
    for (int i = 0; i < 100; ++i) many += "a:b\r\n";
    EXPECT_EQ(drain(many + "\r\n", trailer_options(""), 100).code, "MalformedTrailerError");
}

TEST(PayloadReader, TheWholesHash) {
    PayloadOptions options;
    options.verified.payload = PayloadCheck::whole_hash;
    options.verified.payload_hash = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    EXPECT_EQ(drain("hello", options, 2).bytes, "hello");
    EXPECT_EQ(drain("hello", options, 2).code, "");
    EXPECT_EQ(drain("hellO", options, 2).code, "XAmzContentSHA256Mismatch");
    EXPECT_EQ(drain("hell", options, 2).code, "XAmzContentSHA256Mismatch");
}

}  // namespace
}  // namespace millrace::aws
