#include "src/catalog/lake.h"

#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "src/catalog/lake_codec.h"
#include "src/catalog/test_support.h"

namespace millrace::catalog {
namespace {

const Scope here{"111111111111", "eu-west-1"};

Table table_named(std::string database, std::string name, std::vector<std::string> partition_keys = {}) {
    Table table{.database = std::move(database), .name = std::move(name)};
    table.storage.columns = {{.name = "id", .type = "bigint"}};
    for (auto& key : partition_keys) table.partition_keys.push_back({.name = std::move(key), .type = "string"});
    return table;
}

struct LakeTest : testing::Test {
    LakeTest() { open(); }
    void open() { lake = Lake::open(*store, clock); }
    void reopen() {
        lake.reset();
        store.reopen();
        open();
    }
    TestStore store;
    SteppedClock clock;
    std::unique_ptr<Lake> lake;
};

ErrorCode code_of(const Status& status) {
    EXPECT_FALSE(status.ok());
    return status.error().code;
}

TEST(LakeCodec, EveryMemberComesBack) {
    StoredTable stored;
    stored.id = "id";
    Table& table = stored.table;
    table = table_named("db", "t", {"dt"});
    table.description = "d";
    table.owner = "o";
    table.table_type = "EXTERNAL_TABLE";
    table.storage.columns[0].comment = "\"quoted\" \xc3\xa9";
    table.storage.columns[0].parameters = {{"a", "b"}};
    table.storage.location = "s3://b/p/";
    table.storage.input_format = "in";
    table.storage.output_format = "out";
    table.storage.serde_library = "lib";
    table.storage.serde_name = "n";
    table.storage.serde_parameters = {{"paths", "a,b"}};
    table.storage.compressed = true;
    table.storage.number_of_buckets = -1;
    table.storage.bucket_columns = {"x"};
    table.storage.sort_columns = {{"x", 1}};
    table.storage.stored_as_sub_directories = true;
    table.storage.parameters = {{"k", ""}};
    table.storage.extra_json = "{}";
    table.parameters = {{"classification", "json"}};
    table.view_original_text = "v";
    table.view_expanded_text = "w";
    table.retention = 1LL << 40;
    table.created = TimestampMs(1);
    table.updated = TimestampMs(2);
    table.version = 1ULL << 63;
    table.extra_json = "x";
    auto back = decode_table(encode(stored));
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(encode(*back), encode(stored));
    EXPECT_EQ(back->table.version, 1ULL << 63);
    EXPECT_EQ(back->table.storage.sort_columns, table.storage.sort_columns);
    EXPECT_EQ(back->table.storage.parameters.count("k"), 1u);
}

TEST(LakeCodec, DamagedAndLaterEntriesAreErrors) {
    EXPECT_EQ(decode_table("").error().code, ErrorCode::corruption);
    EXPECT_EQ(decode_table("[]").error().code, ErrorCode::corruption);
    EXPECT_EQ(decode_table("{}").error().code, ErrorCode::corruption);
    EXPECT_EQ(decode_table(R"({"v":1,"name":3})").error().code, ErrorCode::corruption);
    EXPECT_EQ(decode_table(R"({"v":1,"storage":{"columns":[{"name":3}]}})").error().code, ErrorCode::corruption);
    EXPECT_EQ(decode_table(R"({"v":2})").error().code, ErrorCode::unsupported);
}

TEST_F(LakeTest, NamesAreKeptInLowerCaseAndFoundInAny) {
    ASSERT_TRUE(lake->create_database(here, {.name = "Sales"}).ok());
    ASSERT_TRUE(lake->create_table(here, table_named("SALES", "Orders")).ok());
    EXPECT_EQ(lake->table(here, "sAles", "ORDERS")->name, "orders");
    EXPECT_EQ(code_of(lake->create_database(here, {.name = "sales"})), ErrorCode::already_exists);
    EXPECT_EQ(code_of(lake->create_table(here, table_named("sales", "orders"))), ErrorCode::already_exists);
    EXPECT_EQ(lake->database({"222222222222", "eu-west-1"}, "sales").error().code, ErrorCode::not_found);
}

TEST_F(LakeTest, ATableNeedsItsDatabase) {
    EXPECT_EQ(code_of(lake->create_table(here, table_named("nowhere", "t"))), ErrorCode::not_found);
    EXPECT_EQ(lake->table(here, "nowhere", "t").error().message, "Database nowhere not found.");
    EXPECT_EQ(lake->tables(here, "nowhere", "", 10).error().code, ErrorCode::not_found);
}

TEST_F(LakeTest, AnUpdateKeepsTheOldOneAsAVersionAndAStaleUpdateIsRefused) {
    ASSERT_TRUE(lake->create_database(here, {.name = "d"}).ok());
    ASSERT_TRUE(lake->create_table(here, table_named("d", "t")).ok());
    clock.milliseconds = 2000;
    for (int i = 1; i <= 3; ++i) {
        Table next = table_named("d", "t");
        next.description = std::to_string(i);
        ASSERT_TRUE(lake->update_table(here, next, false, i - 1).ok());
    }
    EXPECT_EQ(code_of(lake->update_table(here, table_named("d", "t"), false, 1)), ErrorCode::failed_precondition);
    reopen();
    const Table now = *lake->table(here, "d", "t");
    EXPECT_EQ(now.version, 3u);
    EXPECT_EQ(now.created, TimestampMs(1000));
    EXPECT_EQ(now.updated, TimestampMs(2000));
    std::string seen, after;
    do {
        auto page = lake->table_versions(here, "d", "t", after, 2);
        ASSERT_TRUE(page.ok());
        for (auto& table : page->items) seen += std::to_string(table.version) + ":" + table.description + " ";
        after = page->next;
    } while (!after.empty());
    EXPECT_EQ(seen, "3:3 2:2 1:1 0: ");
    ASSERT_TRUE(lake->delete_table_version(here, "d", "t", 1).ok());
    EXPECT_EQ(lake->table_version(here, "d", "t", 1).error().code, ErrorCode::not_found);
    EXPECT_EQ(lake->table_version(here, "d", "t", 2)->description, "2");
    EXPECT_EQ(code_of(lake->delete_table_version(here, "d", "t", 3)), ErrorCode::failed_precondition);
    ASSERT_TRUE(lake->update_table(here, table_named("d", "t"), true, std::nullopt).ok());
    EXPECT_EQ(lake->table_version(here, "d", "t", 3).error().code, ErrorCode::not_found) << "not archived";
}

TEST_F(LakeTest, OneOfTwoUpdatesFromTheSameVersionWins) {
    ASSERT_TRUE(lake->create_database(here, {.name = "d"}).ok());
    ASSERT_TRUE(lake->create_table(here, table_named("d", "t")).ok());
    std::atomic<int> won{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (uint64_t version = 0; version < 50; ++version) {
                if (lake->update_table(here, table_named("d", "t"), true, version).ok()) ++won;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(static_cast<uint64_t>(won), lake->table(here, "d", "t")->version);
}

TEST_F(LakeTest, ATableMadeAgainHasNothingOfItsPredecessor) {
    ASSERT_TRUE(lake->create_database(here, {.name = "d"}).ok());
    const size_t before = store.size();
    for (int round = 0; round < 2; ++round) {
        ASSERT_TRUE(lake->create_table(here, table_named("d", "t", {"dt"})).ok());
        EXPECT_TRUE(lake->partitions(here, "d", "t", "", 10)->items.empty());
        ASSERT_TRUE(lake->create_partition(here, "d", "t", {.values = {"1"}}).ok());
        ASSERT_TRUE(lake->update_table(here, table_named("d", "t", {"dt"}), false, std::nullopt).ok());
        if (round == 0) {
            ASSERT_TRUE(lake->delete_table(here, "d", "t").ok());
            EXPECT_EQ(store.size(), before) << "versions, partitions and the marker are erased";
        }
    }
    ASSERT_TRUE(lake->delete_database(here, "d").ok());
    EXPECT_EQ(store.size(), before - 1);
}

TEST_F(LakeTest, WhatACrashLeftOfADroppedTableIsSweptAtOpen) {
    ASSERT_TRUE(lake->create_database(here, {.name = "d"}).ok());
    const size_t before = store.size();
    ASSERT_TRUE(lake->create_table(here, table_named("d", "t", {"dt"})).ok());
    ASSERT_TRUE(lake->create_partition(here, "d", "t", {.values = {"1"}}).ok());
    // What the first batch of a drop does, without what follows it.
    std::string key, id;
    {
        const auto cursor = (*store).cursor();
        for (cursor->seek(""); cursor->valid(); cursor->next()) {
            auto stored = decode_table(cursor->value());
            if (stored.ok() && !stored->id.empty()) key = cursor->key(), id = stored->id;
        }
    }
    ASSERT_FALSE(id.empty());
    table::WriteBatch batch;
    batch.erase(key);
    batch.put(std::string("lake\0\1x\0\1", 9) + id + std::string("\0\1", 2), "");
    ASSERT_TRUE((*store).write(batch).ok());
    reopen();
    EXPECT_EQ(store.size(), before);
}

TEST_F(LakeTest, PartitionsOfABatchAreEachMadeOrSaidToBeThere) {
    ASSERT_TRUE(lake->create_database(here, {.name = "d"}).ok());
    ASSERT_TRUE(lake->create_table(here, table_named("d", "t", {"y", "m"})).ok());
    ASSERT_TRUE(lake->create_partition(here, "d", "t", {.values = {"2010", "12"}}).ok());
    auto made = lake->create_partitions(
        here, "d", "t",
        {{.values = {"2011", "1"}}, {.values = {"2010", "12"}}, {.values = {"2011", "1"}}, {.values = {"2011"}}});
    ASSERT_TRUE(made.ok());
    EXPECT_TRUE((*made)[0].ok());
    EXPECT_EQ(code_of((*made)[1]), ErrorCode::already_exists);
    EXPECT_EQ(code_of((*made)[2]), ErrorCode::already_exists);
    EXPECT_EQ(code_of((*made)[3]), ErrorCode::invalid_argument);
    EXPECT_EQ(lake->partitions(here, "d", "t", "", 10)->items.size(), 2u);
    EXPECT_EQ(code_of(lake->update_partition(here, "d", "t", {"2011", "1"}, {.values = {"2010", "12"}})),
              ErrorCode::already_exists);
    ASSERT_TRUE(lake->update_partition(here, "d", "t", {"2011", "1"}, {.values = {"2011", "2"}}).ok());
    EXPECT_EQ(lake->partition(here, "d", "t", {"2011", "1"}).error().code, ErrorCode::not_found);
    EXPECT_EQ(lake->partitions(here, "d", "t", "zz", 10).error().code, ErrorCode::invalid_argument);
}

// Random changes to partitions and tables, against std::map, with restarts.
TEST_F(LakeTest, AgreesWithAModel) {
    std::map<std::string, std::map<std::vector<std::string>, std::string>> model;  // table -> values -> location
    ASSERT_TRUE(lake->create_database(here, {.name = "d"}).ok());
    std::mt19937 random(11);
    const auto value = [&] { return std::string(random() % 3, "a\0z/"[random() % 4]); };
    for (int step = 0; step < 6000; ++step) {
        const std::string name(1, static_cast<char>('a' + random() % 3));
        const std::vector<std::string> values{value(), value()};
        const bool there = model.count(name) == 1;
        switch (random() % 8) {
            case 0:
                if (random() % 5 != 0) break;
                EXPECT_EQ(lake->delete_table(here, "d", name).ok(), there);
                model.erase(name);
                break;
            case 1:
                EXPECT_EQ(lake->create_table(here, table_named("d", name, {"p", "q"})).ok(), !there);
                model[name];
                break;
            case 2:
            case 3: {
                const bool made = lake->create_partition(here, "d", name, {.values = values}).ok();
                EXPECT_EQ(made, there && model[name].emplace(values, "").second);
                if (!there) model.erase(name);
                break;
            }
            case 4: {
                const bool known = there && model[name].count(values) == 1;
                EXPECT_EQ(lake->delete_partition(here, "d", name, values).ok(), known);
                if (known) model[name].erase(values);
                break;
            }
            case 5: {
                Partition next{.values = {value(), value()}};
                next.storage.location = std::to_string(step);
                const bool known = there && model[name].count(values) == 1;
                const bool free = there && (next.values == values || model[name].count(next.values) == 0);
                EXPECT_EQ(lake->update_partition(here, "d", name, values, next).ok(), known && free);
                if (known && free) {
                    model[name].erase(values);
                    model[name][next.values] = next.storage.location;
                }
                break;
            }
            case 6:
                if (step % 500 == 6) reopen();
                break;
            default: {
                if (!there) break;
                std::map<std::vector<std::string>, std::string> seen;
                std::vector<std::string> last;
                std::string after;
                do {
                    auto page = lake->partitions(here, "d", name, after, 1 + random() % 5);
                    ASSERT_TRUE(page.ok());
                    for (auto& partition : page->items) {
                        EXPECT_TRUE(seen.empty() || last < partition.values);
                        last = partition.values;
                        seen[partition.values] = partition.storage.location;
                    }
                    after = page->next;
                } while (!after.empty());
                ASSERT_EQ(seen, model[name]);
            }
        }
    }
    auto tables = lake->tables(here, "d", "", 100);
    ASSERT_TRUE(tables.ok());
    EXPECT_EQ(tables->items.size(), model.size());
}

TEST_F(LakeTest, DatabasesAndTablesPageInOrder) {
    for (const char* name : {"c", "a", "b"}) ASSERT_TRUE(lake->create_database(here, {.name = name}).ok());
    auto page = lake->databases(here, "", 2);
    ASSERT_TRUE(page.ok());
    ASSERT_EQ(page->items.size(), 2u);
    EXPECT_EQ(page->next, "b");
    page = lake->databases(here, page->next, 2);
    EXPECT_EQ(page->items.at(0).name, "c");
    EXPECT_EQ(page->next, "");
    EXPECT_EQ(code_of(lake->update_database(here, "a", {.name = "z"})), ErrorCode::invalid_argument);
    ASSERT_TRUE(lake->update_database(here, "A", {.name = "a", .description = "new"}).ok());
    EXPECT_EQ(lake->database(here, "a")->description, "new");
}

}  // namespace
}  // namespace millrace::catalog
