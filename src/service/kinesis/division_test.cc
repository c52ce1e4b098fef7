#include "src/service/kinesis/division.h"

#include <algorithm>
#include <cstdio>
#include <random>

#include <gtest/gtest.h>

#include "src/service/kinesis/hash_key.h"

namespace millrace::service::kinesis {
namespace {

std::vector<catalog::Shard> even(uint32_t count) {
    std::vector<catalog::Shard> shards;
    for (const auto& [first, last] : split_evenly(count)) {
        catalog::Shard shard;
        char id[32];
        std::snprintf(id, sizeof id, "shardId-%012zu", shards.size());
        shard.id = id;
        shard.hash_first = first;
        shard.hash_last = last;
        shards.push_back(shard);
    }
    return shards;
}

// What every stream must be: its open shards cover the hash space once, parents were there before their children and
// no longer take records, ids rise.
void check(const Division& division) {
    const auto& shards = division.shards();
    const std::vector<size_t> open = division.open();
    ASSERT_FALSE(open.empty());
    EXPECT_EQ(shards[open.front()].hash_first, (HashKey{0, 0}));
    EXPECT_EQ(shards[open.back()].hash_last, (HashKey{UINT64_MAX, UINT64_MAX}));
    for (size_t i = 1; i < open.size(); ++i) {
        EXPECT_EQ(key_before(shards[open[i]].hash_first), shards[open[i - 1]].hash_last);
    }
    for (size_t i = 0; i < shards.size(); ++i) {
        if (i > 0) EXPECT_LT(shards[i - 1].id, shards[i].id);
        for (const std::string& parent : {shards[i].parent_id, shards[i].adjacent_parent_id}) {
            if (parent.empty()) continue;
            const auto found = std::find_if(shards.begin(), shards.begin() + static_cast<ptrdiff_t>(i),
                                            [&](const catalog::Shard& shard) { return shard.id == parent; });
            ASSERT_NE(found, shards.begin() + static_cast<ptrdiff_t>(i)) << parent << " of " << shards[i].id;
            EXPECT_FALSE(found->takes_records());
        }
    }
}

TEST(Division, ASplitHasTwoChildren) {
    Division division(even(1), TimestampMs(7));
    division.split(0, HashKey{1, 0});
    check(division);
    const auto& shards = division.shards();
    ASSERT_EQ(shards.size(), 3u);
    EXPECT_TRUE(shards[0].closing);
    EXPECT_EQ(shards[1].hash_last, (HashKey{0, UINT64_MAX}));
    EXPECT_EQ(shards[2].parent_id, shards[0].id);
    EXPECT_EQ(shards[2].created, TimestampMs(7));
}

TEST(Division, AMergeHasTwoParents) {
    Division division(even(3), TimestampMs(7));
    EXPECT_TRUE(are_neighbours(division.shards()[2], division.shards()[1]));
    EXPECT_FALSE(are_neighbours(division.shards()[0], division.shards()[2]));
    EXPECT_FALSE(are_neighbours(division.shards()[0], division.shards()[0]));
    division.merge(2, 1);
    check(division);
    EXPECT_EQ(division.shards()[3].parent_id, division.shards()[2].id);
    EXPECT_EQ(division.shards()[3].adjacent_parent_id, division.shards()[1].id);
}

TEST(Division, AnyNumberOfShardsBecomesAnyOtherEvenly) {
    std::mt19937 random(17);
    for (uint32_t from = 1; from <= 12; ++from) {
        for (uint32_t to = 1; to <= 12; ++to) {
            Division division(even(from), TimestampMs(7));
            if (random() % 2 == 0) {
                const size_t shard = random() % from;
                division.split(shard, division.shards()[shard].hash_last);
            }
            if (division.open().size() == from && from > 1) division.merge(0, 1);
            division.even_out(to);
            check(division);
            const auto ranges = split_evenly(to);
            const auto open = division.open();
            ASSERT_EQ(open.size(), to) << from << " to " << to;
            for (uint32_t i = 0; i < to; ++i) EXPECT_EQ(division.shards()[open[i]].hash_first, ranges[i].first);
        }
    }
}

TEST(Division, WhatIsEvenAlreadyStays) {
    Division division(even(5), TimestampMs(7));
    division.even_out(5);
    EXPECT_EQ(division.shards().size(), 5u);
}

}  // namespace
}  // namespace millrace::service::kinesis
