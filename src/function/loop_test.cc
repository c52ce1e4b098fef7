#include "src/function/loop.h"

#include <thread>

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <unistd.h>

namespace millrace::function {
namespace {

TEST(Loop, RunsWhatIsPostedBeforeItStopsAndNothingAfter) {
    Loop loop;
    int ran = 0;
    std::thread thread([&] { loop.run(); });
    EXPECT_TRUE(loop.post([&] { ++ran; }));
    loop.stop();
    thread.join();
    EXPECT_EQ(ran, 1);
    EXPECT_FALSE(loop.post([&] { ++ran; }));
    EXPECT_EQ(ran, 1);
}

TEST(Loop, TimersRunInTheirOrderAndNotWhenCancelled) {
    Loop loop;
    std::string order;
    loop.after_ms(3, [&] { order += 'b'; });
    loop.after_ms(1, [&] { order += 'a'; });
    Loop::TimerId never = loop.after_ms(2, [&] { order += 'x'; });
    loop.cancel(never);
    while (order.size() < 2) loop.run_once(-1);
    EXPECT_EQ(order, "ab");
}

TEST(Loop, AnEventOfAClosedDescriptorIsNotForItsSuccessor) {
    Loop loop;
    int first[2], second[2];
    ASSERT_EQ(::pipe(first), 0);
    ASSERT_EQ(::pipe(second), 0);
    int seen = 0;
    auto forget_the_other = [&](int other) {
        return [&, other](uint32_t) {
            ++seen;
            loop.unwatch(other);
        };
    };
    loop.watch(first[0], EPOLLIN, forget_the_other(second[0]));
    loop.watch(second[0], EPOLLIN, forget_the_other(first[0]));
    ASSERT_EQ(::write(first[1], "x", 1), 1);
    ASSERT_EQ(::write(second[1], "x", 1), 1);
    loop.run_once(0);
    EXPECT_EQ(seen, 1);  // both were readable in one round
    for (int descriptor : {first[0], first[1], second[0], second[1]}) ::close(descriptor);
}

}  // namespace
}  // namespace millrace::function
