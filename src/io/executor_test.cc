#include "src/io/executor.h"

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <fstream>
#include <latch>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace millrace::io {
namespace {

TEST(Executor, BlockedTasksDoNotHoldUpOthersBelowTheBound) {
    auto executor = make_executor({.name = "test", .threads_max = 3});
    std::latch release(1);
    std::latch blocked(2);
    std::latch ran(1);
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(executor->submit([&] {
            blocked.count_down();
            release.wait();
        }));
    }
    blocked.wait();
    ASSERT_TRUE(executor->submit([&] { ran.count_down(); }));
    ran.wait();  // hangs, and so fails by its time limit, where the two would hold it up
    release.count_down();
    executor.reset();  // its tasks refer to the latches
}

TEST(Executor, SaysBusyWhenTheQueueIsFull) {
    auto executor = make_executor({.name = "test", .threads_max = 1, .queue_max = 1});
    std::latch release(1);
    std::latch started(1);
    ASSERT_TRUE(executor->submit([&] {
        started.count_down();
        release.wait();
    }));
    started.wait();
    EXPECT_TRUE(executor->submit([] {}));
    EXPECT_FALSE(executor->submit([] {}));
    release.count_down();
    executor.reset();  // its task refers to the latch
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !__has_feature(address_sanitizer) && \
    !__has_feature(thread_sanitizer) && !__has_feature(memory_sanitizer)
TEST(ExecutorDeathTest, MakesDoWithTheThreadsThatTheMachineGives) {
    EXPECT_EXIT(
        {
            // Room for the stacks of a few threads and no more.
            size_t pages = 0;
            std::ifstream("/proc/self/statm") >> pages;
            rlimit limit{};
            limit.rlim_cur = limit.rlim_max = pages * 4096 + (size_t{48} << 20);
            if (setrlimit(RLIMIT_AS, &limit) != 0) std::_Exit(1);
            auto executor = make_executor({.name = "test", .threads_max = 64});
            std::latch release(1);
            std::latch done(64);
            for (int i = 0; i < 64; ++i) {
                const bool taken = executor->submit([&] {
                    release.wait();
                    done.count_down();
                });
                if (!taken) std::_Exit(2);
            }
            release.count_down();
            done.wait();
            std::_Exit(0);
        },
        testing::ExitedWithCode(0), "");
}
#endif

TEST(Executor, EveryTaskRunsOnceWhateverTheThreadsDo) {
    std::atomic<int> runs = 0;
    std::latch done(20'000);
    auto executor = make_executor({.name = "test", .threads_max = 4, .queue_max = 1 << 20, .idle_ms_max = 1});
    std::vector<std::thread> submitters;
    for (int s = 0; s < 4; ++s) {
        submitters.emplace_back([&] {
            for (int i = 0; i < 5'000; ++i) {
                ASSERT_TRUE(executor->submit([&] {
                    runs.fetch_add(1);
                    done.count_down();
                }));
            }
        });
    }
    for (std::thread& submitter : submitters) submitter.join();
    done.wait();
    executor.reset();
    EXPECT_EQ(runs.load(), 20'000);
}

TEST(Executor, StopWaitsForWhatRunsAndDropsWhatWaits) {
    std::atomic<bool> finished = false;
    std::atomic<bool> dropped_ran = false;
    std::latch started(1);
    std::latch release(1);
    auto executor = make_executor({.name = "test", .threads_max = 1});
    ASSERT_TRUE(executor->submit([&] {
        started.count_down();
        release.wait();
        finished = true;
    }));
    started.wait();
    ASSERT_TRUE(executor->submit([&] { dropped_ran = true; }));
    std::thread stopper([&] { executor->stop(); });
    // The queue is emptied under the lock in which submit() begins to refuse.
    while (executor->submit([] {})) std::this_thread::yield();
    release.count_down();
    stopper.join();
    EXPECT_TRUE(finished);
    EXPECT_FALSE(dropped_ran);
    EXPECT_FALSE(executor->submit([] {}));
    executor->stop();
}

// A dropped task may be all that holds a call, whose end is told to somebody who has more for the executor.
TEST(Executor, WhatIsDroppedMaySubmitAgain) {
    auto executor = make_executor({.name = "test", .threads_max = 1});
    std::latch started(1);
    std::latch release(1);
    bool refused = false;
    ASSERT_TRUE(executor->submit([&] {
        started.count_down();
        release.wait();
    }));
    started.wait();
    std::shared_ptr<void> held(nullptr, [&](void*) {
        refused = !executor->submit([] {});
        release.count_down();
    });
    ASSERT_TRUE(executor->submit([held = std::move(held)] {}));
    executor->stop();
    EXPECT_TRUE(refused);
}

}  // namespace
}  // namespace millrace::io
