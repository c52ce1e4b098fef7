#include "src/object/checksums.h"

#include <gtest/gtest.h>

#include "src/base/base64.h"
#include "src/base/bytes.h"

namespace millrace::object {
namespace {

// Check values of "123456789": the catalogue of parametrised CRC algorithms, and RFC 3174 / FIPS 180 tools.
TEST(Checksums, HaveTheirPublishedCheckValues) {
    std::string raw;
    ASSERT_TRUE(base64_decode(checksum_of("CRC32", "123456789").value, &raw));
    EXPECT_EQ(hex_encode(raw), "cbf43926");
    ASSERT_TRUE(base64_decode(checksum_of("CRC32C", "123456789").value, &raw));
    EXPECT_EQ(hex_encode(raw), "e3069283");
    ASSERT_TRUE(base64_decode(checksum_of("CRC64NVME", "123456789").value, &raw));
    EXPECT_EQ(hex_encode(raw), "ae8b14860a799888");
    ASSERT_TRUE(base64_decode(checksum_of("SHA1", "123456789").value, &raw));
    EXPECT_EQ(hex_encode(raw), "f7c3bc1d808e04732adf679965ccc34ca7ae3441");
    EXPECT_EQ(checksum_of("SHA256", "").value, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
}

TEST(Checksums, OfTheWholeFollowFromThoseOfTheParts) {
    const std::string bytes = random_bytes(300'000);
    for (const char* algorithm : {"CRC32", "CRC32C", "CRC64NVME"}) {
        std::vector<PartSum> parts;
        size_t at = 0;
        for (const size_t size : {size_t{1}, size_t{70'001}, size_t{0}, size_t{200'000}, size_t{29'998}}) {
            parts.push_back({checksum_of(algorithm, std::string_view(bytes).substr(at, size)).value, size});
            at += size;
        }
        ASSERT_EQ(at, bytes.size());
        const Result<Checksum> combined = combined_checksum(algorithm, "FULL_OBJECT", parts);
        ASSERT_TRUE(combined.ok()) << combined.error().message;
        EXPECT_EQ(combined->value, checksum_of(algorithm, bytes).value) << algorithm;
        EXPECT_FALSE(combined->composite);
    }
}

TEST(Checksums, AreCompositeOverThePartsRawValues) {
    const std::string first = checksum_of("SHA256", "a").value;
    const std::string second = checksum_of("SHA256", "b").value;
    const Result<Checksum> combined = combined_checksum("SHA256", "COMPOSITE", {{first, 1}, {second, 1}});
    ASSERT_TRUE(combined.ok());
    EXPECT_EQ(combined->value, base64_encode(sha256(sha256("a") + sha256("b"))) + "-2");
    EXPECT_TRUE(combined->composite);
}

TEST(Checksums, RefuseKindsThatAnAlgorithmDoesNotHave) {
    EXPECT_FALSE(multipart_checksum_allowed("SHA1", "FULL_OBJECT"));
    EXPECT_FALSE(multipart_checksum_allowed("CRC64NVME", "COMPOSITE"));
    EXPECT_FALSE(multipart_checksum_allowed("CRC32", "OTHER"));
    EXPECT_FALSE(combined_checksum("SHA256", "FULL_OBJECT", {}).ok());
    EXPECT_EQ(combined_checksum("CRC32", "COMPOSITE", {{"????", 1}}).error().code, ErrorCode::corruption);
}

}  // namespace
}  // namespace millrace::object
