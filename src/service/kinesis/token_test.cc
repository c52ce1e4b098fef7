#include "src/service/kinesis/token.h"

#include <gtest/gtest.h>

#include "src/base/base64.h"
#include "src/catalog/sequence_number.h"

namespace millrace::service::kinesis {
namespace {

TEST(SequenceNumbers, AreFiftySixDigitsThatCompareAsPositionsDo) {
    const uint64_t positions[] = {0, 1, 9, 10, 4096, 999'999'999'999, UINT64_MAX / 2, UINT64_MAX};
    std::string before;
    for (const uint64_t position : positions) {
        const std::string number = catalog::sequence_number(position);
        EXPECT_EQ(number.size(), 56u);
        EXPECT_NE(number[0], '0');
        EXPECT_LT(before, number);
        EXPECT_EQ(catalog::parse_sequence_number(number), position);
        before = number;
    }
}

TEST(SequenceNumbers, OthersAreNotTaken) {
    for (const std::string& text :
         {std::string("0"), std::string(), catalog::sequence_number(5).substr(1), catalog::sequence_number(5) + "0",
          "59" + catalog::sequence_number(5).substr(2), std::string(catalog::sequence_prefix) + "99999999999999999999",
          std::string(catalog::sequence_prefix) + "0000000000000000000x"}) {
        EXPECT_EQ(catalog::parse_sequence_number(text), std::nullopt) << text;
    }
}

TEST(TokensTest, ComeBackAsTheyWereGiven) {
    const Tokens tokens("key");
    const auto iterator = tokens.open_iterator(tokens.seal(ShardIterator{7, 12345, TimestampMs(99)}));
    ASSERT_TRUE(iterator);
    EXPECT_EQ(iterator->log_key, 7u);
    EXPECT_EQ(iterator->position, 12345u);
    EXPECT_EQ(iterator->issued, TimestampMs(99));
    const auto page = tokens.open_page(tokens.seal(PageToken{"orders", 3, "shardId-000000000001", TimestampMs(1)}));
    ASSERT_TRUE(page);
    EXPECT_EQ(page->stream, "orders");
    EXPECT_EQ(page->after, "shardId-000000000001");
}

TEST(TokensTest, NobodyMakesOneUp) {
    const Tokens tokens("key");
    const std::string good = tokens.seal(ShardIterator{7, 12345, TimestampMs(99)});
    std::string raw;
    ASSERT_TRUE(base64_decode(good, &raw));
    for (size_t bit = 0; bit < raw.size() * 8; ++bit) {
        std::string forged = raw;
        forged[bit / 8] = static_cast<char>(forged[bit / 8] ^ (1 << bit % 8));
        EXPECT_FALSE(tokens.open_iterator(base64_encode(forged)));
    }
    EXPECT_FALSE(Tokens("another key").open_iterator(good));
    EXPECT_FALSE(tokens.open_page(good));
    EXPECT_FALSE(tokens.open_iterator(""));
    EXPECT_FALSE(tokens.open_iterator("AAAA"));
    EXPECT_FALSE(tokens.open_iterator(tokens.seal(PageToken{"s", 1, "a", TimestampMs(1)})));
}

}  // namespace
}  // namespace millrace::service::kinesis
