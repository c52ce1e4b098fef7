#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <random>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
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

// Another process that opens the store: this program again, told by its environment what to do (a plain fork would
// carry RocksDB's threads over, half alive).
class OtherProcess {
  public:
    OtherProcess(const char* task, const std::string& directory) {
        int tells[2], asks[2];
        MILLRACE_CHECK(::pipe2(tells, O_CLOEXEC) == 0 && ::pipe2(asks, O_CLOEXEC) == 0);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, tells[1], 3);
        posix_spawn_file_actions_adddup2(&actions, asks[0], 4);
        const std::string what = std::string("MILLRACE_TEST_TASK=") + task;
        const std::string where = "MILLRACE_TEST_DIRECTORY=" + directory;
        std::string program = "rocksdb_store_test";
        char* arguments[] = {program.data(), nullptr};
        char* environment[] = {const_cast<char*>(what.c_str()), const_cast<char*>(where.c_str()), nullptr};
        MILLRACE_CHECK(::posix_spawn(&pid_, "/proc/self/exe", &actions, nullptr, arguments, environment) == 0);
        posix_spawn_file_actions_destroy(&actions);
        ::close(tells[1]);
        ::close(asks[0]);
        hears_ = tells[0];
        asks_ = asks[1];
    }
    ~OtherProcess() {
        kill();
        int status = 0;
        ::waitpid(pid_, &status, 0);
        ::close(hears_);
        ::close(asks_);
    }
    // The next number that it told; nothing once it has ended.
    std::optional<uint32_t> hear() {
        uint32_t number = 0;
        if (::read(hears_, &number, sizeof number) != sizeof number) return {};
        return number;
    }
    void kill() { ::kill(pid_, SIGKILL); }

    // What the other process runs, before any test of its own: never returns there.
    static bool run_if_asked() {
        const char* task = std::getenv("MILLRACE_TEST_TASK");
        const char* directory = std::getenv("MILLRACE_TEST_DIRECTORY");
        if (task == nullptr || directory == nullptr) return false;
        auto store = open_rocksdb({.directory = directory});
        if (!store.ok()) ::_exit(1);
        if (std::string_view(task) == "hold") {
            tell(0);
            char byte = 0;
            ::_exit(::read(4, &byte, 1) == 0 ? 0 : 1);  // until the parent goes or kills us
        }
        for (uint32_t i = 0;; ++i) {
            WriteBatch batch;
            batch.put(std::string(task) + "/" + std::to_string(i), std::string(500, 'x'));
            if (!(*store)->write(batch).ok()) ::_exit(2);
            tell(i);
        }
    }

  private:
    static void tell(uint32_t number) {
        if (::write(3, &number, sizeof number) != sizeof number) ::_exit(3);
    }
    pid_t pid_ = 0;
    int hears_ = -1;
    int asks_ = -1;
};
[[maybe_unused]] const bool other_process = OtherProcess::run_if_asked();

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
    {
        OtherProcess holder("hold", directory.path());
        ASSERT_TRUE(holder.hear());
        auto second = open_rocksdb({.directory = directory.path()});
        ASSERT_FALSE(second.ok());
        EXPECT_EQ(second.error().code, ErrorCode::unavailable);
        EXPECT_NE(second.error().message.find("is in use by another millrace"), std::string::npos)
            << second.error().message;
    }
    auto first = open_at(directory.path());
    auto same_process = open_rocksdb({.directory = directory.path()});
    ASSERT_FALSE(same_process.ok());
    EXPECT_NE(same_process.error().message.find("is in use by another millrace"), std::string::npos);
}

// The other process writes numbered keys and tells each acknowledged number; it is killed without warning. Every
// number that was told must be there afterwards.
TEST(RocksStore, EveryAcknowledgedWriteSurvivesAKill) {
    TemporaryDirectory directory;
    for (uint32_t round = 0; round < 5; ++round) {
        const std::string task = std::to_string(round);
        std::optional<uint32_t> last;
        {
            OtherProcess writer(task.c_str(), directory.path());
            while (const auto told = writer.hear()) {
                last = told;
                if (*told >= 50 + 37 * round) writer.kill();
            }
        }
        ASSERT_TRUE(last);
        auto store = open_at(directory.path());
        for (uint32_t i = 0; i <= *last; ++i) {
            auto got = store->get(task + "/" + std::to_string(i));
            ASSERT_TRUE(got.ok() && got->has_value()) << task << "/" << i << " of " << *last;
        }
    }
}

TEST(RocksStore, ConcurrentWritersLoseNothing) {
#if __has_feature(thread_sanitizer)
    GTEST_SKIP()
        << "RocksDB is not built for the thread sanitizer, which does not see how its writers hand over batches";
#endif
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
