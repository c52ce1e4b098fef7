#include "src/table/engine/item_cache.h"

#include <functional>

#include <gtest/gtest.h>

namespace millrace::table::engine {
namespace {

constexpr size_t roomy = 1 << 20;

struct Cache {
    explicit Cache(size_t bytes) : cache(bytes) {}
    void written(const std::string& key, uint64_t commit, const std::string& item) {
        cache.written(key, hash(key), commit, StoredItem(item));
    }
    void read(const std::string& key, uint64_t view, const std::string& item) {
        cache.read(key, hash(key), view, StoredItem(item));
    }
    // "?": not known, "-": nothing is there.
    std::string find(const std::string& key, uint64_t view) {
        std::optional<StoredItem> item;
        if (!cache.find(key, hash(key), view, &item)) return "?";
        return item ? std::string(item->bytes()) : "-";
    }
    static uint64_t hash(const std::string& key) { return std::hash<std::string_view>()(key); }
    ItemCache cache;
};

TEST(ItemCache, AnswersForTheCommitThatWroteAndLaterOnes) {
    Cache cache(roomy);
    cache.written("k", 5, "five");
    EXPECT_EQ(cache.find("k", 4), "?");  // a view from before it looks in its snapshot
    EXPECT_EQ(cache.find("k", 5), "five");
    EXPECT_EQ(cache.find("k", 9), "five");
    EXPECT_EQ(cache.find("other", 9), "?");
}

TEST(ItemCache, KnowsThatAnItemIsGone) {
    Cache cache(roomy);
    cache.written("k", 5, "five");
    cache.cache.written("k", Cache::hash("k"), 6, std::nullopt);
    EXPECT_EQ(cache.find("k", 6), "-");
}

TEST(ItemCache, TakesNothingThatWasReadBeforeTheNewestWrite) {
    Cache cache(roomy);
    cache.written("k", 5, "five");
    cache.read("k", 3, "three");
    EXPECT_EQ(cache.find("k", 5), "five");
    // The entry may have made room since: the set remembers the commit.
    cache.written("k", 6, std::string(100'000, 'x'));  // too large to be kept
    EXPECT_EQ(cache.find("k", 6), "?");
    cache.read("k", 5, "five");
    EXPECT_EQ(cache.find("k", 6), "?");
    cache.read("k", 6, "six");
    EXPECT_EQ(cache.find("k", 6), "six");
}

TEST(ItemCache, StaysInItsBytesAndKeepsWhatIsNew) {
    Cache cache(roomy);
    const std::string item(1000, 'x');
    for (int i = 0; i < 10'000; ++i) cache.written("key-" + std::to_string(i), 1, item);
    int found = 0;
    for (int i = 0; i < 10'000; ++i) found += cache.find("key-" + std::to_string(i), 1) != "?" ? 1 : 0;
    EXPECT_LE(found * 1000, static_cast<int>(roomy));
    EXPECT_GT(found, 300);
    EXPECT_EQ(cache.find("key-9999", 1), item);
}

TEST(ItemCache, KeepsNothingWhereThereIsNoRoom) {
    Cache cache(100);
    cache.written("k", 1, "one");
    EXPECT_EQ(cache.find("k", 1), "?");
}

}  // namespace
}  // namespace millrace::table::engine
