#include "src/log/log.h"

#include <atomic>
#include <cerrno>
#include <future>
#include <thread>

#include "src/log/log_testing.h"

namespace millrace::log {
namespace {

using Strings = std::vector<std::string>;

struct LogTest : testing::Test {
    io::FaultyFileSystem files;
    io::ManualClock clock;
};

TEST_F(LogTest, RecordsComeBackInOrderAndAfterAReopening) {
    auto log = opened(files, clock);
    const ShardKey a = log->create_shard().value();
    const ShardKey b = log->create_shard().value();
    EXPECT_NE(a, b);
    const auto first = append(*log, a, {"one", "two"}).value();
    ASSERT_TRUE(append(*log, b, {"other"}).ok());
    const auto second = append(*log, a, {"", "four"}).value();
    EXPECT_LT(first.positions[0], first.positions[1]);
    EXPECT_LT(first.positions[1], second.positions[0]);
    for (int round = 0; round < 2; ++round) {
        EXPECT_EQ(read_all(*log, a), (Strings{"one", "two", "", "four"}));
        EXPECT_EQ(read_all(*log, b), Strings{"other"});
        EXPECT_EQ(read_all(*log, a, first.positions[1]), (Strings{"two", "", "four"}));
        EXPECT_EQ(read_all(*log, a, Position(first.positions[1].value() + 1)), (Strings{"", "four"}));
        EXPECT_TRUE(log->recovery().corruptions.empty());
        log.reset();
        log = opened(files, clock);
    }
}

TEST_F(LogTest, PositionsReadBackAreThoseThatAppendGave) {
    auto log = opened(files, clock);
    const ShardKey shard = log->create_shard().value();
    const auto appended = append(*log, shard, {"a", "bb", "ccc"}).value();
    const auto read = log->read(shard, appended.positions[0], {.records_max = 2}).value();
    ASSERT_EQ(read.records.size(), 2u);
    EXPECT_EQ(read.records[1].position, appended.positions[1]);
    EXPECT_EQ(read.records[1].partition_key, "key");
    EXPECT_EQ(read.records[1].time, appended.time);
    EXPECT_EQ(read.next, appended.positions[2]);
    EXPECT_FALSE(read.at_end);
}

TEST_F(LogTest, ReadsStopAtTheirLimitsAndSayHowFarBehindTheyAre) {
    auto log = opened(files, clock);
    const ShardKey shard = log->create_shard().value();
    for (int i = 0; i < 10; ++i) {
        ASSERT_TRUE(append(*log, shard, {std::string(1000, 'x')}).ok());
        clock.advance_ms(1000);
    }
    const Position start = log->horizon(shard).value();
    auto read = log->read(shard, start, {.bytes_max = 2500}).value();
    EXPECT_EQ(read.records.size(), 2u);
    EXPECT_EQ(read.behind_ms, 8000);  // the third of ten is the next
    read = log->read(shard, start, {.bytes_max = 1}).value();
    EXPECT_EQ(read.records.size(), 1u);  // at least one
    read = log->read(shard, start, {.records_max = 10}).value();
    EXPECT_TRUE(read.at_end);
    EXPECT_EQ(read.behind_ms, 0);
}

TEST_F(LogTest, SeveralShardsGoInOneCommit) {
    auto log = opened(files, clock);
    const ShardKey first = log->create_shards(2).value();
    const ShardKey second(first.value() + 1);
    std::vector<Batch> batches;
    batches.emplace_back(first);
    batches.emplace_back(second);
    batches[0].add("k", "to the first");
    batches[1].add("k", "to the second");
    const uint64_t syncs = files.sync_count();
    std::promise<Result<std::vector<Appended>>> promise;
    log->append(std::move(batches), [&](auto result) { promise.set_value(std::move(result)); });
    const auto appended = promise.get_future().get().value();
    EXPECT_EQ(files.sync_count(), syncs + 1);
    ASSERT_EQ(appended.size(), 2u);
    EXPECT_EQ(read_all(*log, first, appended[0].positions.at(0)), Strings{"to the first"});
    EXPECT_EQ(read_all(*log, second, appended[1].positions.at(0)), Strings{"to the second"});
}

TEST_F(LogTest, WhatWaitsDuringASyncSharesTheNext) {
    auto log = opened(files, clock);
    const ShardKey shard = log->create_shard().value();
    std::promise<void> syncing;
    std::promise<void> go;
    std::atomic<bool> first{true};
    files.set_before_sync([&] {
        if (first.exchange(false)) {
            syncing.set_value();
            go.get_future().wait();
        }
    });
    std::atomic<int> done{0};
    std::promise<void> all;
    const auto count = [&](Result<Appended> result) {
        EXPECT_TRUE(result.ok());
        if (++done == 101) all.set_value();
    };
    const auto put = [&] {
        Batch batch(shard);
        batch.add("k", "v");
        log->append(std::move(batch), count);
    };
    const uint64_t syncs = files.sync_count();
    put();
    syncing.get_future().wait();
    for (int i = 0; i < 100; ++i) put();
    EXPECT_EQ(done, 0);  // nothing is acknowledged before its sync returned
    go.set_value();
    all.get_future().wait();
    EXPECT_LE(files.sync_count(), syncs + 3);  // two commits, and perhaps the mark's
    log.reset();                               // before what its callbacks refer to
}

TEST_F(LogTest, ManySegmentsReadAsOneLog) {
    auto log = opened(files, clock);
    const ShardKey shard = log->create_shard().value();
    const ShardKey rare = log->create_shard().value();
    Strings expected;
    ASSERT_TRUE(append(*log, rare, {"first"}).ok());
    for (int i = 0; i < 400; ++i) {
        expected.push_back(std::to_string(i) + std::string(static_cast<size_t>(i) * 7 % 3000, 'x'));
        ASSERT_TRUE(append(*log, shard, {expected.back()}).ok());
    }
    ASSERT_TRUE(append(*log, rare, {"last"}).ok());
    EXPECT_GT(files.list("/log").value().size(), 10u);
    for (int round = 0; round < 2; ++round) {
        EXPECT_EQ(read_all(*log, shard), expected);
        EXPECT_EQ(read_all(*log, shard, log->horizon(shard).value(), nullptr, {.records_max = 3}), expected);
        EXPECT_EQ(read_all(*log, rare), (Strings{"first", "last"}));
        log.reset();
        log = opened(files, clock);
    }
    for (const auto& name : listing(files)) {
        if (name.ends_with(".idx")) files.flip_bit("/log/" + name, 300);
    }
    log = nullptr;
    log = opened(files, clock);
    EXPECT_EQ(read_all(*log, shard), expected);  // indexes are only copies
}

TEST_F(LogTest, FindsTheFirstRecordAtOrAfterATime) {
    auto log = opened(files, clock);
    const ShardKey shard = log->create_shard().value();
    std::vector<Appended> appended;
    for (int i = 0; i < 200; ++i) {
        appended.push_back(append(*log, shard, {std::string(1500, 'x')}).value());
        clock.advance_ms(10);
    }
    for (size_t i = 0; i < appended.size(); i += 13) {
        EXPECT_EQ(log->find_time(shard, appended[i].time).value(), appended[i].positions[0]);
        EXPECT_EQ(log->find_time(shard, TimestampMs(appended[i].time.value() - 1)).value(), appended[i].positions[0]);
    }
    EXPECT_EQ(log->find_time(shard, clock.now()).value(), log->end(shard).value());
    clock.set_wall(TimestampMs(5));  // the wall clock goes back: commit times do not
    EXPECT_EQ(append(*log, shard, {"later"}).value().time, appended.back().time);
}

// A segment's index counts milliseconds in 32 bits: a log that is written seldom must not run out of them.
TEST_F(LogTest, AQuietLogKeepsTimesApartForMonths) {
    constexpr int64_t day_ms = 86'400'000;
    auto log = opened(files, clock);
    const ShardKey shard = log->create_shard().value();
    std::vector<Appended> appended;
    for (int month = 0; month < 8; ++month) {
        appended.push_back(append(*log, shard, {std::to_string(month)}).value());
        clock.advance_ms(20 * day_ms);
    }
    clock.advance_ms(400 * day_ms);  // a clock that was set right after a start without one
    appended.push_back(append(*log, shard, {"newest"}).value());
    for (const Appended& one : appended) {
        EXPECT_EQ(log->find_time(shard, one.time).value(), one.positions[0]);
        EXPECT_EQ(log->read(shard, one.positions[0], {.records_max = 1}).value().records.at(0).time, one.time);
    }
    ASSERT_TRUE(log->trim(shard, TimestampMs(clock.now().value() - day_ms)).ok());
    EXPECT_EQ(read_all(*log, shard), std::vector<std::string>{"newest"});
}

TEST_F(LogTest, TrimmingFreesSegmentsAndTheyAreWrittenAgain) {
    auto log = opened(files, clock);
    const ShardKey shard = log->create_shard().value();
    Position last{};
    for (int i = 0; i < 600; ++i) {
        last = append(*log, shard, {std::to_string(i) + std::string(1000, 'x')}).value().positions[0];
        clock.advance_ms(1000);
        if (i % 20 == 19) {
            ASSERT_TRUE(log->trim(shard, TimestampMs(clock.now().value() - 10'000)).ok());
            EXPECT_EQ(read_all(*log, shard).size(), 10u);
        }
    }
    EXPECT_EQ(log->read(shard, Position(5000), {}).error().code, ErrorCode::out_of_range);
    log.reset();  // background work is done by the time that it is closed
    size_t kept = 0;
    for (const auto& name : listing(files)) kept += name.ends_with(".log");
    EXPECT_LE(kept, 6u);
    log = opened(files, clock);
    EXPECT_TRUE(log->recovery().corruptions.empty());
    EXPECT_EQ(log->recovery().torn_bytes_cut, 0u);
    const auto left = read_all(*log, shard);
    ASSERT_FALSE(left.empty());
    EXPECT_TRUE(left.back().starts_with("599x"));
    ASSERT_TRUE(log->drop_shard(shard).ok());
    EXPECT_EQ(log->read(shard, last, {}).error().code, ErrorCode::not_found);
    EXPECT_EQ(append(*log, shard, {"x"}).error().code, ErrorCode::not_found);
}

TEST_F(LogTest, AFailedSyncEndsAppendingAndLeavesReading) {
    auto log = opened(files, clock);
    const ShardKey shard = log->create_shard().value();
    ASSERT_TRUE(append(*log, shard, {"kept"}).ok());
    std::this_thread::yield();
    files.set_before_sync([&, once = std::make_shared<std::atomic<bool>>(true)] {
        if (once->exchange(false)) files.fail_sync(1);
    });
    bool refused = false;
    for (int i = 0; i < 3 && !refused; ++i) {  // the mark's own sync may take the fault instead
        const auto result = append(*log, shard, {"lost"});
        refused = !result.ok();
        if (refused) EXPECT_EQ(result.error().code, ErrorCode::unavailable);
        if (!refused) files.fail_sync(1);
    }
    EXPECT_TRUE(refused);
    EXPECT_EQ(append(*log, shard, {"no more"}).error().code, ErrorCode::unavailable);
    EXPECT_EQ(read_all(*log, shard).front(), "kept");
    log.reset();
    files.crash(1);
    log = opened(files, clock);
    EXPECT_EQ(read_all(*log, shard).front(), "kept");
    EXPECT_TRUE(append(*log, shard, {"again"}).ok());
}

TEST_F(LogTest, AFailedWriteEndsAppending) {
    auto log = opened(files, clock);
    const ShardKey shard = log->create_shard().value();
    ASSERT_TRUE(append(*log, shard, {"kept"}).ok());
    files.fail_write(1, EIO, 100);
    EXPECT_EQ(append(*log, shard, {std::string(3000, 'x')}).error().code, ErrorCode::unavailable);
    EXPECT_EQ(append(*log, shard, {"no more"}).error().code, ErrorCode::unavailable);
    EXPECT_EQ(read_all(*log, shard), Strings{"kept"});
    log.reset();
    log = opened(files, clock);
    EXPECT_EQ(read_all(*log, shard), Strings{"kept"});
}

TEST_F(LogTest, AFullDiskIsNamedAndAppendingGoesOnOnceThereIsRoom) {
    auto log = opened(files, clock);
    const ShardKey shard = log->create_shard().value();
    files.set_capacity(200 << 10);
    Strings kept;
    for (;;) {
        const std::string data = std::to_string(kept.size()) + std::string(4000, 'x');
        const auto result = append(*log, shard, {data});
        if (!result) {
            EXPECT_EQ(result.error().code, ErrorCode::resource_exhausted) << result.error().message;
            break;
        }
        kept.push_back(data);
        ASSERT_LT(kept.size(), 100u);
    }
    EXPECT_EQ(read_all(*log, shard), kept);
    files.set_capacity(UINT64_MAX);
    EXPECT_TRUE(append(*log, shard, {"there is room"}).ok());
    kept.push_back("there is room");
    log.reset();
    files.crash(7);
    log = opened(files, clock);
    EXPECT_EQ(read_all(*log, shard), kept);
}

TEST_F(LogTest, TooMuchWaitingIsRefused) {
    Options options = small_options();
    options.pending_bytes_max = 10'000;
    auto log = opened(files, clock, options);
    const ShardKey shard = log->create_shard().value();
    std::promise<void> go;
    auto gone = go.get_future().share();
    files.set_before_sync([gone] { gone.wait(); });
    std::atomic<int> refused{0};
    std::atomic<int> accepted{0};
    for (int i = 0; i < 10; ++i) {
        Batch batch(shard);
        batch.add("k", std::string(4000, 'x'));
        log->append(std::move(batch), [&](Result<Appended> result) {
            if (result) return void(++accepted);
            EXPECT_EQ(result.error().code, ErrorCode::resource_exhausted);
            ++refused;
        });
    }
    EXPECT_EQ(refused, 8);
    go.set_value();
    log.reset();
    EXPECT_EQ(accepted, 2);
}

TEST_F(LogTest, SubscribersWakeOncePerCommitUntilTheyStop) {
    auto log = opened(files, clock);
    const ShardKey shard = log->create_shard().value();
    const ShardKey other = log->create_shard().value();
    std::atomic<int> woken{0};
    auto token = log->subscribe(shard, [&] { ++woken; });
    ASSERT_TRUE(append(*log, shard, {"a", "b"}).ok());
    ASSERT_TRUE(append(*log, other, {"c"}).ok());
    EXPECT_EQ(woken, 1);
    token.reset();
    ASSERT_TRUE(append(*log, shard, {"d"}).ok());
    EXPECT_EQ(woken, 1);
}

TEST_F(LogTest, WorksWhereTheFileSystemHasNoDirectAccess) {
    files.refuse_direct();
    auto log = opened(files, clock);
    const ShardKey shard = log->create_shard().value();
    ASSERT_TRUE(append(*log, shard, {"a"}).ok());
    EXPECT_EQ(read_all(*log, shard), Strings{"a"});
}

TEST_F(LogTest, TheTailCacheGivesTheSameRecords) {
    Options options = small_options();
    options.tail_cache_bytes = 100'000;
    auto log = opened(files, clock, options);
    const ShardKey shard = log->create_shard().value();
    Strings expected;
    for (int i = 0; i < 300; ++i) {
        expected.push_back(std::to_string(i));
        ASSERT_TRUE(append(*log, shard, {expected.back()}).ok());
        if (i % 50 == 0) EXPECT_EQ(read_all(*log, shard), expected);
    }
    EXPECT_EQ(read_all(*log, shard), expected);
}

// Found in review: a manifest that could not be written was taken for written, and the old horizon stayed on the disk.
TEST(Log, AHorizonThatCouldNotBeWrittenIsWrittenLater) {
    io::FaultyFileSystem files;
    const io::ManualClock clock{TimestampMs(1'800'000'000'000)};
    auto log = opened(files, clock);
    const ShardKey shard = log->create_shard().value();
    ASSERT_TRUE(append(*log, shard, {"old"}).ok());
    const Position kept = append(*log, shard, {"new"}).value().positions.front();
    const std::string before = files.content("/log/manifest").value();
    files.set_capacity(1);
    ASSERT_TRUE(log->trim_to(shard, kept).ok());
    std::this_thread::sleep_for(std::chrono::milliseconds(500));  // for maintenance to try, and fail
    EXPECT_EQ(files.content("/log/manifest").value(), before);
    files.set_capacity(uint64_t{1} << 40);
    for (int i = 0; i < 3000 && files.content("/log/manifest").value() == before; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_NE(files.content("/log/manifest").value(), before);
    files.kill_process();
    log.reset();
    EXPECT_EQ(read_all(*opened(files, clock), shard), std::vector<std::string>{"new"});
}

}  // namespace
}  // namespace millrace::log
