#include <fstream>
#include <map>
#include <random>
#include <thread>

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/table/key_value_store.h"
#include "src/table/temporary_directory.h"

namespace millrace::table {
namespace {

std::unique_ptr<KeyValueStore> open_at(const std::string& directory) {
    auto opened = open_rocksdb({.directory = directory});
    EXPECT_TRUE(opened.ok()) << (opened.ok() ? "" : opened.error().message);
    return opened.ok() ? std::move(opened).value() : nullptr;
}

Status put(KeyValueStore& store, std::string key, std::string value) {
    WriteBatch batch;
    batch.put(std::move(key), std::move(value));
    return store.write(batch);
}

std::map<std::string, std::string> everything(KeyValueStore& store) {
    std::map<std::string, std::string> all;
    auto cursor = store.cursor();
    for (cursor->seek(""); cursor->valid(); cursor->next()) all.emplace(cursor->key(), cursor->value());
    EXPECT_TRUE(cursor->status().ok());
    return all;
}

TEST(RocksStore, AnAbsentKeyIsNothingAndNotAnError) {
    TemporaryDirectory directory;
    auto store = open_at(directory.path() + "/a/b/c");
    auto got = store->get("nobody");
    ASSERT_TRUE(got.ok());
    EXPECT_FALSE(got->has_value());
}

TEST(RocksStore, KeepsBytesWithZeroesAcrossReopening) {
    TemporaryDirectory directory;
    const std::string key("k\0\xff", 3), value("\0v\0", 3);
    {
        ASSERT_TRUE(put(*open_at(directory.path()), key, value).ok());
    }
    auto store = open_at(directory.path());
    EXPECT_EQ(**store->get(key), value);
}

TEST(RocksStore, ABatchAppliesInOrderAndAtOnce) {
    TemporaryDirectory directory;
    auto store = open_at(directory.path());
    ASSERT_TRUE(put(*store, "gone", "1").ok());
    WriteBatch batch;
    batch.put("twice", "first");
    batch.put("twice", "second");
    batch.erase("gone");
    batch.erase("never there");
    ASSERT_TRUE(store->write(batch).ok());
    EXPECT_EQ(everything(*store), (std::map<std::string, std::string>{{"twice", "second"}}));
}

TEST(RocksStore, ACursorWalksInByteOrderAndSeesTheStoreAsItWasWhenMade) {
    TemporaryDirectory directory;
    auto store = open_at(directory.path());
    for (const char* key : {"b", "a", "\xff", "c", "b1"}) ASSERT_TRUE(put(*store, key, key).ok());
    auto cursor = store->cursor();
    ASSERT_TRUE(put(*store, "bb", "too late").ok());
    std::string seen;
    for (cursor->seek("b"); cursor->valid(); cursor->next()) seen += std::string(cursor->key()) + ",";
    EXPECT_EQ(seen, "b,b1,c,\xff,");
}

TEST(RocksStore, ASecondOpenerIsToldWhoHoldsTheDirectory) {
    TemporaryDirectory directory;
    int opened[2], done[2];
    ASSERT_TRUE(::pipe(opened) == 0 && ::pipe(done) == 0);
    const pid_t child = ::fork();
    if (child == 0) {  // another process holds it until told
        auto store = open_rocksdb({.directory = directory.path()});
        char byte = store.ok() ? '1' : '0';
        (void)!::write(opened[1], &byte, 1);
        (void)!::read(done[0], &byte, 1);
        ::_exit(0);
    }
    char byte = '0';
    ASSERT_EQ(::read(opened[0], &byte, 1), 1);
    ASSERT_EQ(byte, '1');
    auto second = open_rocksdb({.directory = directory.path()});
    EXPECT_EQ(::write(done[1], "x", 1), 1);
    int status = 0;
    ::waitpid(child, &status, 0);
    for (int end : {opened[0], opened[1], done[0], done[1]}) ::close(end);
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().code, ErrorCode::unavailable);
    EXPECT_NE(second.error().message.find("is in use by another millrace"), std::string::npos)
        << second.error().message;

    auto first = open_at(directory.path());
    auto same_process = open_rocksdb({.directory = directory.path()});
    ASSERT_FALSE(same_process.ok());
    EXPECT_NE(same_process.error().message.find("is in use by another millrace"), std::string::npos);
}

// The child writes numbered keys and tells each acknowledged number through a pipe; it is killed without warning.
// Every number that was told must be there afterwards.
TEST(RocksStore, EveryAcknowledgedWriteSurvivesAKill) {
    TemporaryDirectory directory;
    for (int round = 0; round < 5; ++round) {
        int pipe_ends[2];
        ASSERT_EQ(::pipe(pipe_ends), 0);
        const pid_t child = ::fork();
        if (child == 0) {
            auto store = open_rocksdb({.directory = directory.path()});
            if (!store.ok()) ::_exit(1);
            for (uint32_t i = 0;; ++i) {
                WriteBatch batch;
                batch.put(std::to_string(round) + "/" + std::to_string(i), std::string(500, 'x'));
                if (!(*store)->write(batch).ok()) ::_exit(2);
                if (::write(pipe_ends[1], &i, sizeof i) != sizeof i) ::_exit(3);
            }
        }
        ::close(pipe_ends[1]);
        uint32_t told = 0, last = 0;
        bool any = false;
        while (::read(pipe_ends[0], &told, sizeof told) == sizeof told) {
            last = told;
            any = true;
            if (told >= static_cast<uint32_t>(50 + 37 * round)) ::kill(child, SIGKILL);
        }
        ::close(pipe_ends[0]);
        int status = 0;
        ::waitpid(child, &status, 0);
        ASSERT_TRUE(any && WIFSIGNALED(status));
        auto store = open_at(directory.path());
        for (uint32_t i = 0; i <= last; ++i) {
            auto got = store->get(std::to_string(round) + "/" + std::to_string(i));
            ASSERT_TRUE(got.ok() && got->has_value()) << round << "/" << i << " of " << last;
        }
    }
}

TEST(RocksStore, ConcurrentWritersLoseNothing) {
    TemporaryDirectory directory;
    auto store = open_at(directory.path());
    std::vector<std::thread> threads;
    for (int writer = 0; writer < 8; ++writer) {
        threads.emplace_back([&, writer] {
            for (int i = 0; i < 50; ++i) {
                EXPECT_TRUE(put(*store, std::to_string(writer) + "/" + std::to_string(i), "v").ok());
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(everything(*store).size(), 400u);
}

TEST(RocksStore, AgreesWithAMapThroughFlushesAndReopenings) {
    TemporaryDirectory directory;
    std::map<std::string, std::string> model;
    std::mt19937 random(20261120);
    for (int round = 0; round < 3; ++round) {
        auto store = open_rocksdb({.directory = directory.path(), .sync = false, .write_buffer_bytes = 64 << 10});
        ASSERT_TRUE(store.ok()) << store.error().message;
        for (int i = 0; i < 3000; ++i) {
            WriteBatch batch;
            for (int j = 0; j < 3; ++j) {
                const std::string key = std::to_string(random() % 700);
                if (random() % 3 == 0) {
                    batch.erase(key);
                    model.erase(key);
                } else {
                    batch.put(key, std::string(random() % 200, static_cast<char>('a' + i % 26)));
                    model[key] = *batch.operations().back().second;
                }
            }
            ASSERT_TRUE((*store)->write(batch).ok());
        }
        ASSERT_EQ(everything(**store), model);
    }
    EXPECT_EQ(everything(*open_at(directory.path())), model);
}

TEST(RocksStore, FlippedBytesInATableAreReportedAndNeverReturned) {
    TemporaryDirectory directory;
    {
        auto store = open_rocksdb({.directory = directory.path(), .sync = false, .write_buffer_bytes = 64 << 10});
        ASSERT_TRUE(store.ok());
        std::mt19937 random(1);
        for (int i = 0; i < 4000; ++i) {
            std::string value(100, ' ');
            for (char& c : value) c = static_cast<char>(random());
            ASSERT_TRUE(put(**store, std::to_string(i), value).ok());
        }
    }
    int damaged = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
        if (entry.path().extension() != ".sst") continue;
        std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(1000);
        file.put('!').put('!').put('!');
        ++damaged;
    }
    ASSERT_GT(damaged, 0);
    auto store = open_rocksdb({.directory = directory.path()});
    if (!store.ok()) {
        EXPECT_EQ(store.error().code, ErrorCode::corruption);
        return;
    }
    auto cursor = (*store)->cursor();
    for (cursor->seek(""); cursor->valid(); cursor->next()) {
    }
    ASSERT_FALSE(cursor->status().ok());
    EXPECT_EQ(cursor->status().error().code, ErrorCode::corruption);
}

}  // namespace
}  // namespace millrace::table
