// The tables' log by itself: every commit once and in order after whatever happened, or the start says what is missing.
#include "src/table/engine/commit_log.h"

#include <chrono>
#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "src/io/clock.h"
#include "src/io/faulty_file_system.h"

namespace millrace::table::engine {
namespace {

constexpr size_t large = 700'000;  // more than a piece: a segment has 1 MiB here

std::string batch_of(uint64_t number, size_t bytes = 100) {
    std::string batch = std::to_string(number) + ":";
    batch.resize(bytes, static_cast<char>('a' + number % 26));
    return batch;
}

class CommitLogTest : public testing::Test {
  protected:
    void open() {
        log_.reset();
        auto opened = CommitLog::open({.directory = "/tables", .sync = sync_, .write_buffer_bytes = 1}, files_, clock_);
        ASSERT_TRUE(opened.ok()) << opened.error().message;
        log_ = std::move(opened).value();
    }
    Status append(uint64_t number, std::string_view batch) {
        std::promise<Status> promise;
        log_->append(log_->record(number, batch), [&](Status status) { promise.set_value(std::move(status)); });
        return promise.get_future().get();
    }
    void append_each(uint64_t first, uint64_t last, size_t bytes = 100) {
        for (uint64_t number = first; number <= last; ++number) {
            ASSERT_TRUE(append(number, batch_of(number, bytes)).ok()) << number;
        }
    }
    // What a start with table files up to `flushed` is handed.
    Result<std::vector<std::string>> replayed(uint64_t flushed) {
        open();
        std::vector<std::string> batches;
        TRY_ASSIGN(replayed_, log_->replay(flushed, [&](std::string_view batch) -> Status {
            batches.emplace_back(batch);
            return {};
        }));
        return batches;
    }
    std::vector<std::string> batches(uint64_t first, uint64_t last, size_t bytes = 100) {
        std::vector<std::string> all;
        for (uint64_t number = first; number <= last; ++number) all.push_back(batch_of(number, bytes));
        return all;
    }
    std::string newest_segment() {
        std::string newest;
        for (const std::string& name : files_.list("/tables/log").value()) {
            if (name.starts_with("seg-") && name.ends_with(".log")) newest = "/tables/log/" + name;
        }
        return newest;
    }

    bool sync_ = true;
    CommitLog::Replayed replayed_;
    io::FaultyFileSystem files_;
    io::ManualClock clock_{TimestampMs(1'800'000'000'000)};
    std::unique_ptr<CommitLog> log_;
};

TEST_F(CommitLogTest, AStartIsHandedWhatTableFilesLack) {
    EXPECT_EQ(replayed(0).value(), std::vector<std::string>());
    append_each(1, 20);
    files_.kill_process();
    EXPECT_EQ(replayed(0).value(), batches(1, 20));
    EXPECT_EQ(replayed(7).value(), batches(8, 20));
    EXPECT_EQ(replayed(20).value(), std::vector<std::string>());
    append_each(21, 22);
    EXPECT_EQ(replayed(19).value(), batches(20, 22));
}

TEST_F(CommitLogTest, TableFilesMayBeAheadOfTheLog) {  // flushed before it was durable, then the power went
    EXPECT_TRUE(replayed(0).ok());
    append_each(1, 5);
    EXPECT_EQ(replayed(7).value(), std::vector<std::string>());
    append_each(8, 9);
    EXPECT_EQ(replayed(7).value(), batches(8, 9));
}

TEST_F(CommitLogTest, TheFirstSegmentWhichIsOnlyAllocatedIsLeftOnceTheNextIsWritten) {
    ASSERT_TRUE(replayed(0).ok());
    const std::string first = newest_segment();
    uint64_t number = 0;
    const auto goes_to_another = [&] {
        ++number;
        append_each(number, number);
        const std::string newest = newest_segment();
        if (newest == first) return false;
        const auto file = files_.open(newest, {.mode = io::OpenMode::read}).value();
        std::string bytes(64 << 10, '\0');
        EXPECT_TRUE(file->read_at(0, bytes.data(), bytes.size()).ok());
        return bytes.find(batch_of(number)) != std::string::npos;
    };
    // The next one is made beside the writer, who is given time.
    while (!goes_to_another()) {
        ASSERT_LT(number, 1500U);
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    files_.kill_process();
    EXPECT_EQ(replayed(0).value(), batches(1, number));
}

TEST_F(CommitLogTest, CommitsLargerThanAPieceComeBackWhole) {
    ASSERT_TRUE(replayed(0).ok());
    append_each(1, 9, large);
    EXPECT_EQ(replayed(0).value(), batches(1, 9, large));
    EXPECT_EQ(replayed(4).value(), batches(5, 9, large));
}

TEST_F(CommitLogTest, PiecesOfACommitThatWasTornAreNotItsSuccessors) {
    ASSERT_TRUE(replayed(0).ok());
    append_each(1, 3);
    CommitLog::Record torn = log_->record(4, batch_of(4, large));
    ASSERT_GT(torn.pieces.size(), 1u);
    torn.pieces.pop_back();
    std::promise<void> written;
    log_->append(std::move(torn), [&](const Status&) { written.set_value(); });
    written.get_future().get();
    EXPECT_EQ(replayed(0).value(), batches(1, 3));
    ASSERT_TRUE(append(4, "four").ok());
    EXPECT_EQ(replayed(3).value(), std::vector<std::string>{"four"});
}

TEST_F(CommitLogTest, SpaceComesBackOnceTableFilesHaveIt) {
    ASSERT_TRUE(replayed(0).ok());
    for (uint64_t number = 1; number <= 200; ++number) {
        ASSERT_TRUE(append(number, batch_of(number, 100'000)).ok());
        log_->release(number - 1);
        if (number % 20 == 0) EXPECT_EQ(replayed(number - 1).value(), batches(number, number, 100'000));
    }
    size_t files = 0;
    for (const std::string& name : files_.list("/tables/log").value()) files += name.ends_with(".log") ? 1 : 0;
    EXPECT_LT(files, 10u) << "of some twenty that were filled";
    EXPECT_EQ(replayed(3).error().code, ErrorCode::corruption) << "commit 4 was given back";
}

TEST_F(CommitLogTest, AStartGivesBackWhatTableFilesGotAtTheEndBefore) {
    ASSERT_TRUE(replayed(0).ok());
    append_each(1, 50, 100'000);
    EXPECT_EQ(replayed(50).value(), std::vector<std::string>());
    log_.reset();
    EXPECT_EQ(replayed(3).error().code, ErrorCode::corruption) << "it was not looked at again";
}

TEST_F(CommitLogTest, WhatIsDamagedStopsTheStartUnlessTableFilesHaveIt) {
    ASSERT_TRUE(replayed(0).ok());
    append_each(1, 20);
    log_.reset();
    const std::string segment = newest_segment();
    const size_t at = files_.content(segment).value().find("5:fff");
    ASSERT_NE(at, std::string::npos);
    files_.flip_bit(segment, 8 * at);
    const auto stopped = replayed(2);
    ASSERT_FALSE(stopped.ok());
    EXPECT_EQ(stopped.error().code, ErrorCode::corruption);
    EXPECT_EQ(replayed(10).value(), batches(11, 20));
}

TEST_F(CommitLogTest, AFolderThatIsGoneStopsEachStart) {
    for (int i = 0; i < 3; ++i) EXPECT_EQ(replayed(5).error().code, ErrorCode::corruption) << "start " << i;
}

TEST_F(CommitLogTest, WithoutSyncWhatThePowerTookIsTheEnd) {
    sync_ = false;
    int torn = 0;
    uint64_t flushed = 0;
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        ASSERT_EQ(replayed(flushed).value(), std::vector<std::string>());
        append_each(flushed + 1, flushed + 40, 3'000);
        log_.reset();
        files_.crash(seed);
        const auto found = replayed(flushed);
        ASSERT_TRUE(found.ok()) << found.error().message;
        ASSERT_EQ(*found, batches(flushed + 1, flushed + found->size(), 3'000));
        torn += replayed_.lost ? 1 : 0;
        EXPECT_GE(replayed_.newest, flushed + found->size());
        append_each(replayed_.newest + 1, replayed_.newest + 3);
        const uint64_t skipped_to = replayed_.newest;
        files_.kill_process();
        EXPECT_EQ(replayed(skipped_to).value(), batches(skipped_to + 1, skipped_to + 3)) << "seed " << seed;
        flushed = skipped_to + 3;
    }
    EXPECT_GT(torn, 5);
}

TEST_F(CommitLogTest, NothingAcknowledgedIsLostWhenThePowerGoes) {
    uint64_t acknowledged = 0, next = 1;
    for (uint64_t seed = 1; seed <= 60; ++seed) {
        ASSERT_TRUE(replayed(0).ok());
        files_.power_off_after(5 + seed * 7 % 90);
        while (append(next, batch_of(next, next * 977 % 300'000)).ok()) acknowledged = next++;
        log_.reset();
        files_.crash(seed);
        const auto found = replayed(0);
        ASSERT_TRUE(found.ok()) << found.error().message;
        ASSERT_GE(found->size(), acknowledged);
        for (uint64_t number = 1; number <= found->size(); ++number) {
            ASSERT_EQ(found->at(number - 1), batch_of(number, number * 977 % 300'000)) << "seed " << seed;
        }
        next = found->size() + 1;  // one that was never answered may be there
    }
    EXPECT_GT(acknowledged, 60u);
}

TEST_F(CommitLogTest, WhatABatchHoldsTwiceIsWrittenOnce) {
    EXPECT_EQ(replayed(0).value(), std::vector<std::string>());
    const auto append_twice = [&](uint64_t number, size_t bytes) {
        const std::string half = batch_of(number, bytes);
        std::promise<Status> promise;
        const Repeat repeat{bytes, 0, bytes};
        const CommitLog::Record record = log_->record(number, half + half, {{repeat}});
        size_t written = 0;
        for (const log::Batch& piece : record.pieces) written += piece.bytes();
        EXPECT_LT(written, bytes + bytes / 2);
        log_->append(log_->record(number, half + half, {{repeat}}),
                     [&](Status status) { promise.set_value(std::move(status)); });
        EXPECT_TRUE(promise.get_future().get().ok());
        return half + half;
    };
    const std::string small = append_twice(1, 400), cut = append_twice(2, large);
    files_.kill_process();
    EXPECT_EQ(replayed(0).value(), (std::vector<std::string>{small, cut}));
    append_each(3, 3);
    EXPECT_EQ(replayed(1).value(), (std::vector<std::string>{cut, batch_of(3)}));
}

}  // namespace
}  // namespace millrace::table::engine
