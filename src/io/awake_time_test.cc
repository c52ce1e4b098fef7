#include "src/io/awake_time.h"

#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>

#include "src/io/awake_poll.h"

namespace millrace::io {
namespace {

TEST(AwakeTime, CountsWaitsAndNotStandingStill) {
    AwakeTime time(1'000, 500);
    EXPECT_EQ(time.pass(1'500), 0);
    EXPECT_EQ(time.pass(2'400), 0) << "late, as threads are";
    EXPECT_EQ(time.passed_ms(), 1'400);
    EXPECT_EQ(time.pass(62'400), 59'000);
    EXPECT_EQ(time.passed_ms(), 2'400) << "as long as a piece may take";
    time.set_piece_ms(20);
    EXPECT_EQ(time.pass(62'500), 60);
    EXPECT_EQ(time.passed_ms(), 2'440);
}

TEST(AwakePoll, IsPollForWhoIsAwake) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    pollfd waiting{ends[0], POLLIN, 0};
    EXPECT_EQ(awake_poll(&waiting, 1, 0), 0);
    EXPECT_EQ(awake_poll(&waiting, 1, 30), 0);
    std::thread later([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
        EXPECT_EQ(::write(ends[1], "x", 1), 1);
    });
    EXPECT_EQ(awake_poll(&waiting, 1, 60'000), 1);
    later.join();
    EXPECT_EQ(awake_poll(&waiting, 1, -1), 1);
    ::close(ends[0]);
    ::close(ends[1]);
}

}  // namespace
}  // namespace millrace::io
