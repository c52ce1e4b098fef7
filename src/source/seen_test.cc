#include "src/source/seen.h"

#include <map>
#include <random>

#include <gtest/gtest.h>

#include "src/table/temporary_directory.h"

namespace millrace::source {
namespace {

struct SeenTest : ::testing::Test {
    SeenTest() { store = table::open_rocksdb({.directory = directory.path() + "/store", .sync = false}).value(); }
    Seen open(uint64_t id = 1, uint64_t remember_ms = 10'000, uint64_t keys_max = 1'000) {
        return Seen::open(*store, id, remember_ms, keys_max).value();
    }
    // Which of them were new.
    std::string meet(Seen& seen, std::initializer_list<const char*> names, int64_t now) {
        std::vector<SeenKey> keys;
        for (const char* name : names) keys.push_back(seen_key(name));
        const auto sights = seen.look(keys, TimestampMs(now)).value();
        std::string fresh;
        for (size_t i = 0; i < sights.size(); ++i) {
            if (sights[i].is_new) fresh += std::data(names)[i];
        }
        table::WriteBatch batch;
        EXPECT_TRUE(seen.remember(sights, TimestampMs(now), &batch).ok());
        EXPECT_TRUE(store->write(batch).ok());
        seen.written();
        writes = batch.operations().size();
        return fresh;
    }
    size_t entries() {
        size_t count = 0;
        const auto cursor = store->cursor();
        for (cursor->seek("source/seen/"); cursor->valid(); cursor->next()) ++count;
        return count;
    }
    table::TemporaryDirectory directory;
    std::unique_ptr<table::KeyValueStore> store;
    size_t writes = 0;
};

TEST_F(SeenTest, knows_what_it_met_also_when_opened_again) {
    Seen seen = open();
    EXPECT_EQ(meet(seen, {"a", "b"}, 0), "ab");
    EXPECT_EQ(meet(seen, {"b", "c"}, 1), "c");
    Seen again = open();
    EXPECT_EQ(again.count(), 3u);
    EXPECT_EQ(meet(again, {"a", "b", "c", "d"}, 2), "d");
    Seen other = open(2);
    EXPECT_EQ(meet(other, {"a"}, 2), "a");
    EXPECT_EQ(Seen::ids(*store).value(), (std::vector<uint64_t>{1, 2}));
}

TEST_F(SeenTest, forgets_with_time_and_renews_what_keeps_coming_rarely) {
    Seen seen = open();
    meet(seen, {"a", "b"}, 0);
    meet(seen, {"a"}, 4'000);
    EXPECT_EQ(writes, 0u);  // more than half of its time is left
    meet(seen, {"a"}, 6'000);
    EXPECT_GT(writes, 0u);
    EXPECT_EQ(meet(seen, {"a", "b"}, 12'000), "b");
    EXPECT_EQ(seen.count(), 2u);
    EXPECT_EQ(meet(seen, {"x"}, 100'000), "x");
    EXPECT_EQ(seen.count(), 1u);
    EXPECT_EQ(entries(), 3u);  // its key, its time, the count
}

TEST_F(SeenTest, keeps_no_more_than_it_may) {
    Seen seen = open(1, 10'000, 3);
    meet(seen, {"a"}, 0);
    meet(seen, {"b"}, 1);
    meet(seen, {"c"}, 2);
    EXPECT_EQ(meet(seen, {"d"}, 3), "d");
    EXPECT_EQ(seen.count(), 3u);
    EXPECT_EQ(meet(seen, {"b", "c", "d"}, 4), "");
    EXPECT_EQ(meet(seen, {"a"}, 5), "a");
}

TEST_F(SeenTest, is_erased_whole) {
    Seen seen = open(7);
    meet(seen, {"a", "b"}, 0);
    Seen other = open(8);
    meet(other, {"a"}, 0);
    ASSERT_TRUE(Seen::forget(*store, 7).ok());
    EXPECT_EQ(Seen::ids(*store).value(), (std::vector<uint64_t>{8}));
    EXPECT_EQ(entries(), 3u);
}

// Against a map that does the same by hand: whatever comes in whatever order, the count is that of the entries, and
// nothing that should be known is not.
TEST_F(SeenTest, agrees_with_a_model) {
    std::mt19937 random(7);
    Seen seen = open(1, 1'000, 1'000'000);
    std::map<std::string, int64_t> model;  // until when it is surely remembered
    int64_t now = 1;
    for (int round = 0; round < 300; ++round) {
        now += random() % 200;
        std::map<std::string, SeenKey> batch;
        for (int i = 0; i < 5; ++i) {
            const std::string name(1, static_cast<char>('a' + random() % 26));
            batch.emplace(name, seen_key(name));
        }
        std::vector<SeenKey> keys;
        for (const auto& [name, key] : batch) keys.push_back(key);
        const auto sights = seen.look(keys, TimestampMs(now)).value();
        size_t i = 0;
        for (const auto& [name, key] : batch) {
            const auto known = model.find(name);
            const bool expect_new = known == model.end() || known->second <= now;
            EXPECT_EQ(sights[i].is_new, expect_new) << round;
            if (expect_new || known->second - now <= 500) model[name] = now + 1'000;
            ++i;
        }
        table::WriteBatch write;
        ASSERT_TRUE(seen.remember(sights, TimestampMs(now), &write).ok());
        ASSERT_TRUE(store->write(write).ok());
        seen.written();
        if (round % 50 == 49) seen = open(1, 1'000, 1'000'000);
        size_t live = 0;
        for (const auto& [name, until] : model) live += until > now;
        EXPECT_EQ(seen.count(), live) << round;
        EXPECT_EQ(entries(), live * 2 + 1) << round;
    }
}

}  // namespace
}  // namespace millrace::source
