#include <random>

#include <gtest/gtest.h>

#include "src/base/checksum.h"

namespace millrace {
namespace {

// Bit by bit, from the definition: what the fast code must agree with.
template <class Register>
Register slow(Register polynomial, Register crc, std::string_view bytes) {
    crc = ~crc;
    for (const char c : bytes) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? polynomial : 0);
    }
    return ~crc;
}

TEST(Crc, CheckValuesOfTheCatalogue) {  // reveng.sourceforge.io/crc-catalogue: "check"
    EXPECT_EQ(crc32c(0, "123456789"), 0xe3069283u);
    EXPECT_EQ(crc32(0, "123456789"), 0xcbf43926u);
    EXPECT_EQ(crc64nvme(0, "123456789"), 0xae8b14860a799888u);
}

TEST(Crc, Rfc3720Vectors) {  // appendix B.4
    EXPECT_EQ(crc32c(0, std::string(32, '\0')), 0x8a9136aau);
    EXPECT_EQ(crc32c(0, std::string(32, '\xff')), 0x62a8ab43u);
}

TEST(Crc, EveryLengthAgreesWithTheDefinition) {
    std::mt19937_64 random(1);
    std::string bytes(700, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    for (size_t size = 0; size < bytes.size(); ++size) {
        const auto part = std::string_view(bytes).substr(bytes.size() - size);
        ASSERT_EQ(crc32c(7, part), slow<uint32_t>(0x82f63b78, 7, part)) << size;
        ASSERT_EQ(crc32(7, part), slow<uint32_t>(0xedb88320, 7, part)) << size;
        ASSERT_EQ(crc64nvme(7, part), slow<uint64_t>(0x9a6c9329ac4bc9b5, 7, part)) << size;
    }
}

TEST(Crc, PiecesSumToTheWhole) {
    const std::string bytes(5000, 'q');
    for (size_t cut : {0, 1, 127, 128, 129, 2500, 5000}) {
        const auto head = std::string_view(bytes).substr(0, cut);
        const auto tail = std::string_view(bytes).substr(cut);
        EXPECT_EQ(crc32c(crc32c(0, head), tail), crc32c(0, bytes));
        EXPECT_EQ(crc32(crc32(0, head), tail), crc32(0, bytes));
        EXPECT_EQ(crc64nvme(crc64nvme(0, head), tail), crc64nvme(0, bytes));
    }
}

}  // namespace
}  // namespace millrace
