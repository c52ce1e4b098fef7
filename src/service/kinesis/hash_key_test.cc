#include "src/service/kinesis/hash_key.h"

#include <gtest/gtest.h>

#include "src/base/bytes.h"
#include "src/base/checksum.h"
#include "src/service/kinesis/stream_table.h"

namespace millrace::service::kinesis {
namespace {

constexpr HashKey top{UINT64_MAX, UINT64_MAX};

TEST(HashKeys, AreTheMd5OfThePartitionKey) {
    // RFC 1321's vector: MD5("abc") = 900150983cd24fb0d6963f7d28e17f72
    EXPECT_EQ(hash_of("abc"), (HashKey{0x900150983cd24fb0, 0xd6963f7d28e17f72}));
    for (const std::string& key : {std::string(), std::string(55, 'a'), std::string(56, 'b'), std::string(200, 'c')}) {
        std::string raw;
        ASSERT_TRUE(hex_decode(hex_encode(md5(key)), &raw));
        const HashKey hash = hash_of(key);
        for (int i = 0; i < 8; ++i) {
            EXPECT_EQ(static_cast<unsigned char>(raw[static_cast<size_t>(i)]), hash.high >> (56 - 8 * i) & 0xff);
        }
    }
}

TEST(HashKeys, AreDecimalOnTheWire) {
    EXPECT_EQ(decimal({0, 0}), "0");
    EXPECT_EQ(decimal(top), "340282366920938463463374607431768211455");
    EXPECT_EQ(parse_hash_key("340282366920938463463374607431768211455"), top);
    EXPECT_EQ(parse_hash_key("18446744073709551616"), (HashKey{1, 0}));
    for (const char* bad : {"", "00", "01", "-1", "1x", " 1", "340282366920938463463374607431768211456",
                            "999999999999999999999999999999999999999"}) {
        EXPECT_EQ(parse_hash_key(bad), std::nullopt) << bad;
    }
}

TEST(HashKeys, RangesCoverTheSpaceAsAwsDividesIt) {
    for (const uint32_t count : {1u, 2u, 3u, 4u, 7u, 64u, 1000u}) {
        const auto ranges = split_evenly(count);
        ASSERT_EQ(ranges.size(), count);
        EXPECT_EQ(ranges.front().first, HashKey{});
        EXPECT_EQ(ranges.back().second, top);
        for (size_t i = 1; i < ranges.size(); ++i) {
            HashKey next = ranges[i - 1].second;
            if (++next.low == 0) ++next.high;
            EXPECT_EQ(ranges[i].first, next);
        }
    }
    // Observed of AWS for two and three shards.
    EXPECT_EQ(decimal(split_evenly(2)[0].second), "170141183460469231731687303715884105727");
    EXPECT_EQ(decimal(split_evenly(3)[1].first), "113427455640312821154458202477256070485");
}

TEST(Routing, EveryKeyFindsTheShardThatOwnsIt) {
    catalog::Stream stream;
    const auto ranges = split_evenly(5);
    for (size_t i = 0; i < ranges.size(); ++i) {
        stream.shards.push_back(
            {.id = std::to_string(i), .hash_first = ranges[i].first, .hash_last = ranges[i].second});
    }
    std::reverse(stream.shards.begin(), stream.shards.end());  // order of making is not order of hashing
    const LiveStream live(stream);
    for (const auto& shard : stream.shards) {
        EXPECT_EQ(live.stream.shards[live.route(shard.hash_first)].id, shard.id);
        EXPECT_EQ(live.stream.shards[live.route(shard.hash_last)].id, shard.id);
    }
    for (int i = 0; i < 1000; ++i) {
        const HashKey key = hash_of(std::to_string(i));
        const auto& shard = live.stream.shards[live.route(key)];
        EXPECT_LE(shard.hash_first, key);
        EXPECT_GE(shard.hash_last, key);
    }
}

}  // namespace
}  // namespace millrace::service::kinesis
