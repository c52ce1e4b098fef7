#include "src/catalog/registry.h"

#include <map>
#include <random>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "src/catalog/test_support.h"

namespace millrace::catalog {
namespace {

const Scope here{"111111111111", "eu-west-1"};
const Scope there{"111111111111", "eu-west-2"};

TEST(Registry, ANameIsTakenOncePerKindAndScope) {
    TestStore store;
    auto registry = Registry::open(*store);
    ASSERT_TRUE(registry->create("stream", here, "a", "1").ok());
    const Status again = registry->create("stream", here, "a", "2");
    ASSERT_FALSE(again.ok());
    EXPECT_EQ(again.error().code, ErrorCode::already_exists);
    EXPECT_TRUE(registry->create("stream", there, "a", "3").ok());
    EXPECT_TRUE(registry->create("delivery", here, "a", "4").ok());
    store.reopen();
    registry = Registry::open(*store);
    EXPECT_EQ(**registry->get("stream", here, "a"), "1");
    EXPECT_EQ(**registry->get("stream", there, "a"), "3");
    EXPECT_FALSE(registry->get("stream", here, "b")->has_value());
}

TEST(Registry, OneOfManyConcurrentCreatorsWins) {
    TestStore store;
    auto registry = Registry::open(*store);
    std::atomic<int> winners{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            for (int name = 0; name < 50; ++name) {
                if (registry->create("stream", here, std::to_string(name), "v").ok()) ++winners;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(winners, 50);
}

TEST(Registry, ListsPageByPageInByteOrderAndAgreesWithAMap) {
    TestStore store;
    auto registry = Registry::open(*store);
    std::map<std::string, std::string> model;
    std::mt19937 random(3);
    for (int i = 0; i < 2000; ++i) {
        const std::string name = std::string(1 + random() % 3, static_cast<char>('a' + random() % 5));
        switch (random() % 3) {
            case 0:
                EXPECT_EQ(registry->create("k", here, name, "v").ok(), model.emplace(name, "v").second);
                break;
            case 1:
                ASSERT_TRUE(registry->put("k", here, name, std::to_string(i)).ok());
                model[name] = std::to_string(i);
                break;
            default:
                EXPECT_EQ(registry->remove("k", here, name).ok(), model.erase(name) == 1);
        }
    }
    ASSERT_TRUE(registry->put("k", there, "a", "another region's").ok());
    ASSERT_TRUE(registry->put("k2", here, "a", "another kind's").ok());
    std::map<std::string, std::string> seen;
    std::string after;
    while (true) {
        auto page = registry->list("k", here, after, 4);
        ASSERT_TRUE(page.ok());
        if (page->empty()) break;
        for (auto& entry : *page) {
            EXPECT_LT(after, entry.name);
            after = entry.name;
            seen.emplace(entry.name, entry.value);
        }
    }
    EXPECT_EQ(seen, model);
    std::set<std::string> regions;
    ASSERT_TRUE(registry->for_each("k", [&](const Scope& scope, const Entry&) { regions.insert(scope.region); }).ok());
    EXPECT_EQ(regions, (std::set<std::string>{"eu-west-1", "eu-west-2"}));
}

TEST(Registry, RemovingWhatIsNotThereSaysSo) {
    TestStore store;
    EXPECT_EQ(Registry::open(*store)->remove("k", here, "nobody").error().code, ErrorCode::not_found);
}

TEST(Registry, ACounterNeverRepeatsANumberAcrossRestarts) {
    TestStore store;
    std::set<uint64_t> given;
    size_t count = 0;
    for (int restart = 0; restart < 4; ++restart) {
        auto registry = Registry::open(*store);
        for (int i = 0; i < 100; ++i, ++count) {
            auto number = registry->next_number("ids");
            ASSERT_TRUE(number.ok());
            given.insert(*number);
        }
        store.reopen();
    }
    EXPECT_EQ(given.size(), count);
}

}  // namespace
}  // namespace millrace::catalog
