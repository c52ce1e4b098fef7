// What a crash leaves, and what decay does: a torn tail is cut, damage below it is reported and stays visible.
#include <algorithm>
#include <thread>

#include "src/log/format.h"
#include "src/log/log_testing.h"
#include "src/log/segment.h"

namespace millrace::log {
namespace {

using Strings = std::vector<std::string>;

struct RecoveryTest : testing::Test {
    io::FaultyFileSystem files;
    io::ManualClock clock;

    uint64_t offset_of(const std::string& segment, Position position) {
        return position.value() - SegmentName::parse(segment.substr(5))->base;
    }
};

TEST_F(RecoveryTest, ATornTailIsCutAndCounted) {
    auto log = opened(files, clock);
    const ShardKey shard = log->create_shard().value();
    ASSERT_TRUE(append(*log, shard, {"kept"}).ok());
    // The first 2 KiB of the next commit reach the disk, then the power goes.
    files.fail_write(1, EIO, 2048);
    ASSERT_FALSE(append(*log, shard, {std::string(9000, 'x')}).ok());
    log.reset();
    files.kill_process();
    log = opened(files, clock);
    EXPECT_GT(log->recovery().torn_bytes_cut, 9000u);
    EXPECT_TRUE(log->recovery().corruptions.empty());
    EXPECT_EQ(read_all(*log, shard), Strings{"kept"});
    ASSERT_TRUE(append(*log, shard, {"after"}).ok());
    log.reset();
    log = opened(files, clock);
    EXPECT_EQ(log->recovery().torn_bytes_cut, 0u);
    EXPECT_EQ(read_all(*log, shard), (Strings{"kept", "after"}));
}

// Every bit of a small log, flipped one at a time: no acknowledged record is ever missing without a word, and none
// comes back changed.
TEST_F(RecoveryTest, NoFlippedBitGoesUnnoticed) {
    std::string image;
    std::string manifest;
    std::string mark;
    std::string path;
    ShardKey a;
    ShardKey b;
    {
        auto log = opened(files, clock);
        a = log->create_shard().value();
        b = log->create_shard().value();
        ASSERT_TRUE(append(*log, a, {"a1", "a2"}).ok());
        ASSERT_TRUE(append(*log, b, {"b1"}).ok());
        ASSERT_TRUE(append(*log, a, {"a3"}).ok());
        log.reset();
        path = newest_segment(files);
        image = files.content(path).value();
        manifest = files.content("/log/manifest").value();
        mark = files.content("/log/mark").value();
    }
    const uint64_t used = segment_header_bytes + 3 * 160 + 64;
    for (uint64_t byte = 0; byte < used; ++byte) {
        if (byte == 64) byte = segment_header_bytes;
        io::FaultyFileSystem damaged;
        std::string bytes = image;
        bytes[byte] = static_cast<char>(bytes[byte] ^ (1 << byte % 8));
        damaged.put(path, bytes);
        damaged.put("/log/manifest", manifest);
        damaged.put("/log/mark", mark);
        ASSERT_TRUE(damaged.make_directories("/log").ok());
        auto log = opened(damaged, clock);
        ASSERT_NE(log, nullptr);
        for (const auto& [shard, expected] : {std::pair{a, Strings{"a1", "a2", "a3"}}, {b, Strings{"b1"}}}) {
            Strings seen;
            bool reported = false;
            Position from = log->horizon(shard).value();
            for (int calls = 0; calls < 20; ++calls) {
                Error error;
                error.code = ErrorCode::internal;
                auto result = log->read(shard, from, {.records_max = 1});
                if (!result) {
                    ASSERT_EQ(result.error().code, ErrorCode::corruption) << result.error().message;
                    reported = true;
                    const Position next = log->skip_corrupt(shard, from).value();
                    ASSERT_GT(next, from) << byte;
                    from = next;
                    continue;
                }
                for (const auto& record : result->records) seen.emplace_back(record.data);
                from = result->next;
                if (result->at_end) break;
            }
            if (seen != expected) {
                EXPECT_TRUE(reported) << "byte " << byte;
                EXPECT_FALSE(log->recovery().corruptions.empty()) << "byte " << byte;
                for (const auto& one : seen) {
                    EXPECT_NE(std::find(expected.begin(), expected.end(), one), expected.end()) << byte;
                }
            }
        }
        // It goes on taking records, behind what is damaged.
        const auto appended = append(*log, a, {"new"});
        ASSERT_TRUE(appended.ok());
        EXPECT_EQ(read_all(*log, a, appended->positions[0]), Strings{"new"});
    }
}

TEST_F(RecoveryTest, DamageIsReportedAndWhatFollowsItIsReadable) {
    auto log = opened(files, clock);
    const ShardKey shard = log->create_shard().value();
    std::vector<Position> positions;
    for (int i = 0; i < 5; ++i) positions.push_back(append(*log, shard, {"r" + std::to_string(i)})->positions[0]);
    log.reset();
    const std::string segment = newest_segment(files);
    files.flip_bit(segment, offset_of(segment, positions[2]) * 8 + 14 * 8);
    log = opened(files, clock);
    ASSERT_EQ(log->recovery().corruptions.size(), 1u);
    EXPECT_EQ(log->recovery().torn_bytes_cut, 0u);
    Error error;
    EXPECT_EQ(read_all(*log, shard, positions[0], &error), (Strings{"r0", "r1"}));
    EXPECT_EQ(error.code, ErrorCode::corruption);
    EXPECT_NE(error.message.find(segment), std::string::npos);
    const Position after = log->skip_corrupt(shard, positions[2]).value();
    EXPECT_EQ(read_all(*log, shard, after), (Strings{"r3", "r4"}));
}

TEST_F(RecoveryTest, AMissingFileIsAHoleNotSilence) {
    auto log = opened(files, clock);
    const ShardKey shard = log->create_shard().value();
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(append(*log, shard, {std::string(3000, 'x')}).ok());
    log.reset();
    const std::string gone = newest_segment(files, 3);
    ASSERT_TRUE(files.remove(gone).ok());
    log = opened(files, clock);
    EXPECT_EQ(log->recovery().corruptions.size(), 1u);
    Error error;
    const size_t before = read_all(*log, shard, log->horizon(shard).value(), &error).size();
    EXPECT_EQ(error.code, ErrorCode::corruption);
    EXPECT_GT(before, 0u);
    const uint64_t base = SegmentName::parse(gone.substr(5))->base;
    const Position after = log->skip_corrupt(shard, Position(base)).value();
    const size_t rest = read_all(*log, shard, after).size();
    EXPECT_GT(rest, 0u);
    EXPECT_LT(before + rest, 100u);
}

TEST_F(RecoveryTest, ADamagedFileKeepsNeitherTimesNorSpaceFromTheRest) {
    auto log = opened(files, clock);
    const ShardKey shard = log->create_shard().value();
    std::vector<Appended> appended;
    for (int i = 0; i < 200; ++i) {
        appended.push_back(append(*log, shard, {std::string(3000, 'x')}).value());
        clock.advance_ms(1000);
    }
    log.reset();
    const std::string damaged = newest_segment(files, 5);
    const uint64_t base = SegmentName::parse(damaged.substr(5))->base;
    files.flip_bit(damaged, 100);  // its header: nothing of it can be told apart
    log = opened(files, clock);
    EXPECT_EQ(log->find_time(shard, appended.back().time).value(), appended.back().positions[0]);
    EXPECT_EQ(log->find_time(shard, appended.front().time).value(), appended.front().positions[0]);
    const auto behind = std::find_if(appended.begin(), appended.end(),
                                     [&](const Appended& one) { return one.positions[0].value() > base + (64 << 10); });
    EXPECT_EQ(log->find_time(shard, behind->time).value().value(), base) << "what it held may be of that time";
    ASSERT_TRUE(log->trim(shard, appended.back().time).ok());
    log.reset();
    EXPECT_FALSE(files.exists(damaged)) << "what is trimmed is let go of, readable or not";
}

TEST_F(RecoveryTest, ADamagedMarkIsReportedAndTheRecordsAreThere) {
    auto log = opened(files, clock);
    const ShardKey shard = log->create_shard().value();
    for (const char* one : {"a", "b", "c"}) ASSERT_TRUE(append(*log, shard, {one}).ok());
    log.reset();
    files.flip_bit("/log/mark", 24 * 8);
    files.flip_bit("/log/mark", (512 + 24) * 8);
    log = opened(files, clock);
    EXPECT_EQ(log->recovery().corruptions.size(), 1u);
    EXPECT_EQ(read_all(*log, shard), (Strings{"a", "b", "c"}));
}

TEST_F(RecoveryTest, ADamagedManifestFailsTheOpening) {
    opened(files, clock).reset();
    files.flip_bit("/log/manifest", 100);
    EXPECT_EQ(Log::open(small_options(), files, clock).error().code, ErrorCode::corruption);
}

}  // namespace
}  // namespace millrace::log
