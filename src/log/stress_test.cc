// Everything at once, on the machine's own file system: threads append to shared shards, readers follow at the tail and
// from the beginning, and a trimmer frees segments behind them, which are written again.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <thread>

#include "src/log/log_testing.h"

namespace millrace::log {
namespace {

constexpr int writers = 3;
constexpr int shards = 2;
constexpr int appends_each = 400;

// A consumer that follows one shard until it has seen `expected` records; checks each writer's order.
void follow(Log& log, ShardKey shard, size_t expected, std::atomic<uint64_t>* read_up_to) {
    std::mutex mutex;
    std::condition_variable woken;
    bool news = true;
    const auto token = log.subscribe(shard, [&] {
        std::lock_guard lock(mutex);
        news = true;
        woken.notify_one();
    });
    Position from = log.horizon(shard).value();
    std::vector<int> next(writers, 0);
    size_t seen = 0;
    while (seen < expected) {
        {
            std::unique_lock lock(mutex);
            if (!woken.wait_for(lock, std::chrono::seconds(60), [&] { return news; })) {
                ADD_FAILURE() << "nobody woke the reader; " << seen << " of " << expected;
                return;
            }
            news = false;
        }
        for (;;) {
            const auto read = log.read(shard, from, {.records_max = 64});
            if (!read) {
                ADD_FAILURE() << read.error().message;
                return;
            }
            for (const RecordView& record : read->records) {
                const int writer = std::atoi(std::string(record.partition_key).c_str());
                const int number = std::atoi(std::string(record.data).c_str());
                EXPECT_EQ(number, next[static_cast<size_t>(writer)]++) << "writer " << writer;
                ++seen;
            }
            from = read->next;
            *read_up_to = from.value();
            if (read->at_end) break;
        }
    }
}

TEST(LogStress, NothingIsLostRepeatedOrReordered) {
    char name[] = "/tmp/millrace-log-XXXXXX";
    const std::string directory = mkdtemp(name);
    auto log = std::move(Log::open({.directory = directory, .segment_bytes = 256 << 10, .tail_cache_bytes = 256 << 10},
                                   io::posix_file_system(), io::system_clock()))
                   .value();
    const ShardKey first = log->create_shards(shards).value();
    std::vector<std::thread> threads;
    std::vector<std::atomic<uint64_t>> read_up_to(shards);
    std::atomic<int> writing{writers};
    for (int w = 0; w < writers; ++w) {
        threads.emplace_back([&, w] {
            std::vector<int> next(shards, 0);
            for (int i = 0; i < appends_each; ++i) {
                std::vector<Batch> batches;
                for (uint64_t s = 0; s < shards; ++s) {
                    batches.emplace_back(ShardKey(first.value() + s));
                    for (int j = 0; j <= i % 3; ++j) {
                        batches.back().add(std::to_string(w), std::to_string(next[s]++) + std::string(" ") +
                                                                  std::string(static_cast<size_t>(i * 31 % 900), 'x'));
                    }
                }
                log->append(std::move(batches), [](auto result) { EXPECT_TRUE(result.ok()); });
                if (i % 16 == 0) {  // wait now and then, so that pending bytes stay small
                    Batch empty(first);
                    EXPECT_TRUE(log->append_and_wait(std::move(empty)).ok());
                }
            }
            --writing;
        });
    }
    size_t expected = 0;
    for (int i = 0; i < appends_each; ++i) expected += static_cast<size_t>(i % 3 + 1);
    for (uint64_t s = 0; s < shards; ++s) {
        threads.emplace_back([&, s] { follow(*log, ShardKey(first.value() + s), expected * writers, &read_up_to[s]); });
    }
    while (writing > 0) {
        for (uint64_t s = 0; s < shards; ++s) {
            const ShardKey shard(first.value() + s);
            const uint64_t upto = read_up_to[s];
            if (upto > 0) EXPECT_TRUE(log->trim_to(shard, Position(upto)).ok());
            EXPECT_TRUE(log->find_time(shard, TimestampMs(1)).ok());
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));  // the pace of a trimmer, not a wait for something
    }
    for (auto& thread : threads) thread.join();
    log.reset();
    std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace millrace::log
