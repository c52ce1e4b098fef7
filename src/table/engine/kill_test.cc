// kill -9 in the middle of writing: a child process commits pairs of items in transactions, with an index and a stream,
// back-fills another index meanwhile, and says what was acknowledged. Each time it is killed: pairs are whole, what it
// said is there, indexes agree with items, the stream has each change once and in order.
#include <csignal>
#include <cstdlib>
#include <map>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/table/engine/tables_testing.h"

namespace millrace::table::engine {
namespace {

constexpr int partners = 50;

TablesOptions options_in(const std::string& directory) {
    return {.directory = directory, .write_buffer_bytes = 64 << 10};  // so that table files are written, too
}

Item half(const std::string& side, uint64_t n) {
    return item_of({{"p", text(side + std::to_string(n % partners))},
                    {"s", text("x")},
                    {"n", number(static_cast<int64_t>(n))},
                    {"g", text("g" + std::to_string(n % 3))},
                    {"v", text(std::string(n * 37 % 1500, 'v'))}});
}

// Commits pairs from `first` on, until killed; writes n to `out` once it is acknowledged.
[[noreturn]] void write_until_killed(const std::string& directory, uint64_t first, int out) {
    auto tables = Tables::open(options_in(directory), io::system_clock());
    if (!tables) std::_Exit(1);
    const TableRef table = (*tables)->find({}, "pairs").value();
    for (uint64_t n = first;; ++n) {
        std::promise<bool> promise;
        (*tables)->transact(
            {{.table = table, .item = half("a", n)}, {.table = table, .item = half("b", n)}}, "", "",
            [&](const Result<TransactionOutcome>& outcome) { promise.set_value(outcome.ok() && outcome->committed); });
        if (n % 40 == 0) {  // an index goes, another one comes
            const Status changed = [&]() -> Status {
                TRY((*tables)->update({}, "pairs", [&](TableDefinition* now) -> Status {
                    if (now->indexes.size() > 2) now->indexes.erase(now->indexes.begin() + 1);
                    now->indexes.push_back(index_of("i" + std::to_string(n), "g", "p"));
                    return {};
                }));
                return {};
            }();
            if (!changed) std::_Exit(1);
        }
        if (!promise.get_future().get()) std::_Exit(1);
        if (write(out, &n, sizeof n) != sizeof n) std::_Exit(1);
    }
}

// The child is this program again: RocksDB's threads do not live on over a fork.
constexpr const char* child_directory = "MILLRACE_TABLES_KILL_DIRECTORY";
constexpr const char* child_first = "MILLRACE_TABLES_KILL_FIRST";
constexpr int child_out = 9;

TEST(TablesKillChild, WritesWhereToldUntilKilled) {
    if (const char* directory = std::getenv(child_directory)) {
        write_until_killed(directory, std::strtoull(std::getenv(child_first), nullptr, 10), child_out);
    }
}

pid_t start_child(const std::string& directory, uint64_t first, int out) {
    const std::string where = std::string(child_directory) + "=" + directory;
    const std::string from = std::string(child_first) + "=" + std::to_string(first);
    const char* const arguments[] = {"mr_table_test", "--gtest_filter=TablesKillChild.*", nullptr};
    const char* const environment[] = {where.c_str(), from.c_str(), nullptr};
    const pid_t child = fork();
    if (child != 0) return child;
    if (dup2(out, child_out) != child_out) std::_Exit(1);
    const int quiet = open("/dev/null", O_WRONLY);
    if (quiet < 0 || dup2(quiet, STDOUT_FILENO) < 0) std::_Exit(1);
    execve("/proc/self/exe", const_cast<char* const*>(arguments), const_cast<char* const*>(environment));
    std::_Exit(1);
}

uint64_t n_of(const Item& item) {
    return std::strtoull(text_at(item, "n").c_str(), nullptr, 10);
}

class TablesKill : public testing::Test {
  protected:
    // Returns the next n; every check that does not hold is a failure.
    uint64_t check(TablesImpl& tables, uint64_t acknowledged) {
        tables.background().run_once();
        const TableRef table = tables.find({}, "pairs").value();
        std::map<std::string, Item> items;
        EXPECT_TRUE(tables
                        .for_each(table, std::nullopt,
                                  [&](const StoredItem& stored) {
                                      const Item item = stored.item().value();
                                      items[text_at(item, "p")] = item;
                                      return true;
                                  })
                        .ok());
        uint64_t newest = 0;
        for (const auto& [name, item] : items) {
            newest = std::max(newest, n_of(item) + 1);
            const std::string other = (name[0] == 'a' ? "b" : "a") + name.substr(1);
            EXPECT_TRUE(items.contains(other));
            EXPECT_EQ(n_of(item), n_of(items[other])) << "half a transaction";
        }
        EXPECT_GE(newest, acknowledged);
        EXPECT_EQ(tables.size(table, nullptr)->items, items.size());
        for (const Index& index : table->indexes) check_index(tables, table, index, items);
        check_stream(tables, table, newest);
        return newest;
    }
    static void check_index(TablesImpl& tables, const TableRef& table, const Index& index,
                            const std::map<std::string, Item>& items) {
        EXPECT_EQ(index.state, IndexState::active);
        ScanRequest request{.table = table, .index = &index};
        const Page page = tables.scan(request).value();
        EXPECT_FALSE(page.last_key.has_value());
        EXPECT_EQ(page.items.size(), items.size());
        EXPECT_EQ(tables.size(table, &index)->items, items.size());
        for (const StoredItem& stored : page.items) {
            const Item item = stored.item().value();
            EXPECT_EQ(items.at(text_at(item, "p")), item);
        }
    }
    static void check_stream(TablesImpl& tables, const TableRef& table, uint64_t newest) {
        const uint64_t stream = table->stream->id;
        const Changes all = tables.changes(stream, 0, tables.changes_begin(stream, 0), SIZE_MAX, SIZE_MAX).value();
        ASSERT_EQ(all.changes.size(), 2 * newest);
        for (uint64_t i = 0; i < all.changes.size(); ++i) {
            EXPECT_EQ(*all.changes[i].new_image->item(), half(i % 2 == 0 ? "a" : "b", i / 2));
        }
    }
};

TEST_F(TablesKill, WhatWasAcknowledgedIsThereAndEverythingAgrees) {
    const TemporaryDirectory directory;
    const std::string path = directory.path() + "/tables";
    {
        auto tables = Tables::open(options_in(path), io::system_clock()).value();
        TableDefinition definition = definition_of("pairs");
        definition.stream.emplace();
        definition.indexes = {index_of("first", "g", "s")};
        ASSERT_TRUE(tables->create(definition).ok());
    }
    uint64_t next = 0;
    for (int round = 0; round < 12 && !HasFailure(); ++round) {
        int pipe_ends[2];
        ASSERT_EQ(pipe2(pipe_ends, O_CLOEXEC), 0);
        const pid_t child = start_child(path, next, pipe_ends[1]);
        ASSERT_GE(child, 0);
        close(pipe_ends[1]);
        uint64_t acknowledged = next, last = 0;
        for (int i = 0; i < 5 + round * 23; ++i) {
            if (read(pipe_ends[0], &last, sizeof last) != sizeof last) break;
            acknowledged = last + 1;
        }
        kill(child, SIGKILL);
        while (read(pipe_ends[0], &last, sizeof last) == sizeof last) acknowledged = last + 1;
        int status = 0;
        waitpid(child, &status, 0);
        EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself";
        close(pipe_ends[0]);

        auto tables = TablesImpl::open(options_in(path), io::system_clock(), {.background = false});
        ASSERT_TRUE(tables.ok()) << tables.error().message;
        next = check(**tables, acknowledged);
    }
    EXPECT_GT(next, 500u);
}

}  // namespace
}  // namespace millrace::table::engine
