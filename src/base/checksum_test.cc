#include "src/base/checksum.h"

#include <set>

#include <gtest/gtest.h>

#include "src/base/bytes.h"

namespace millrace {
namespace {

// Vectors: RFC 1321, RFC 3174 and FIPS 180-4 for "abc"; RFC 4231 test case 2 for HMAC.
TEST(Digest, MatchesThePublishedVectors) {
    EXPECT_EQ(hex_encode(md5("abc")), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(hex_encode(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(hex_encode(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hex_encode(hmac_sha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Digest, InPiecesIsAsInOne) {
    Digest pieces(Digest::Kind::sha256);
    pieces.update("a");
    pieces.update("");
    pieces.update("bc");
    EXPECT_EQ(pieces.finish(), sha256("abc"));
}

TEST(ConstantTimeEqual, ComparesContentAndLength) {
    EXPECT_TRUE(constant_time_equal("", ""));
    EXPECT_TRUE(constant_time_equal("same", "same"));
    EXPECT_FALSE(constant_time_equal("same", "samf"));
    EXPECT_FALSE(constant_time_equal("same", "sam"));
}

TEST(RandomUuid, HasTheFormOfVersion4AndDoesNotRepeat) {
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        const std::string uuid = random_uuid();
        ASSERT_EQ(uuid.size(), 36u);
        ASSERT_EQ(uuid[14], '4') << uuid;
        ASSERT_NE(std::string("89ab").find(uuid[19]), std::string::npos) << uuid;
        for (size_t dash : {8, 13, 18, 23}) ASSERT_EQ(uuid[dash], '-') << uuid;
        ASSERT_TRUE(seen.insert(uuid).second);
    }
}

TEST(Hex, RoundTripsAndRefusesWhatIsNotHex) {
    Bytes back;
    ASSERT_TRUE(hex_decode(hex_encode(std::string_view("\0\xff\x10", 3)), &back));
    EXPECT_EQ(back, std::string_view("\0\xff\x10", 3));
    EXPECT_TRUE(hex_decode("AbCd", &back));
    EXPECT_FALSE(hex_decode("abc", &back));
    EXPECT_FALSE(hex_decode("0g", &back));
}

}  // namespace
}  // namespace millrace
