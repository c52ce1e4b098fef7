#include "src/table/change_names.h"

#include <gtest/gtest.h>

namespace millrace::table {
namespace {

TEST(ChangeNames, SequenceNumbersAreTextThatSortsAsTheyDo) {
    EXPECT_EQ(sequence_text(ChangeSequence(0)), "100000000000000000000");
    EXPECT_EQ(sequence_text(ChangeSequence(UINT64_MAX)), "118446744073709551615");
    EXPECT_EQ(parse_sequence(sequence_text(ChangeSequence(UINT64_MAX))), ChangeSequence(UINT64_MAX));
    EXPECT_LT(sequence_text(ChangeSequence(9)), sequence_text(ChangeSequence(10)));
    for (const char* wrong : {"", "1", "10000000000000000000x", "200000000000000000000", "199999999999999999999"}) {
        EXPECT_FALSE(parse_sequence(wrong)) << wrong;
    }
}

TEST(ChangeNames, AShardIsFoundByItsId) {
    ChangeStream stream;
    stream.id = 7;
    stream.created = TimestampMs(1'700'000'000'000);
    EXPECT_EQ(shard_id(stream, 0), "shardId-00000001700000000000-00000700");
    EXPECT_EQ(find_shard(stream, shard_id(stream, 0)), 0u);
    EXPECT_FALSE(find_shard(stream, "shardId-00000001700000000000-00000800"));
}

}  // namespace
}  // namespace millrace::table
