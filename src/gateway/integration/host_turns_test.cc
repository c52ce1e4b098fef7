#include "src/gateway/integration/host_turns.h"

#include <atomic>
#include <condition_variable>
#include <vector>

#include <gtest/gtest.h>

namespace millrace::gateway {
namespace {

// Holds tasks until it is opened.
class Gate {
  public:
    void wait() {
        std::unique_lock lock(mutex_);
        ++inside_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return open_; });
    }
    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }
    void wait_for(int count) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return inside_ >= count; });
    }
    int inside() {
        const std::lock_guard lock(mutex_);
        return inside_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int inside_ = 0;
    bool open_ = false;
};

TEST(HostTurns, ASlowHostLeavesThreadsToOthers) {
    Gate slow, quick;
    HostTurns turns({.threads_max = 4, .waiting_max = 100, .of_host_max = 2, .of_host_waiting_max = 10});
    for (int i = 0; i < 12; ++i) EXPECT_TRUE(turns.submit("slow", [&] { slow.wait(); })) << i;
    EXPECT_FALSE(turns.submit("slow", [] {})) << "two run, ten wait";
    slow.wait_for(2);
    quick.open();
    EXPECT_TRUE(turns.submit("quick", [&] { quick.wait(); }));
    quick.wait_for(1);
    EXPECT_EQ(slow.inside(), 2);
    slow.open();
    slow.wait_for(12);
}

TEST(HostTurns, WhatWaitsOfAllHostsIsBounded) {
    Gate gate;
    HostTurns turns({.threads_max = 4, .waiting_max = 3, .of_host_max = 1, .of_host_waiting_max = 2});
    EXPECT_TRUE(turns.submit("a", [&] { gate.wait(); }));
    EXPECT_TRUE(turns.submit("b", [&] { gate.wait(); }));
    gate.wait_for(2);
    EXPECT_TRUE(turns.submit("a", [&] { gate.wait(); }));
    EXPECT_TRUE(turns.submit("a", [&] { gate.wait(); }));
    EXPECT_FALSE(turns.submit("a", [] {}));
    EXPECT_TRUE(turns.submit("b", [&] { gate.wait(); }));
    EXPECT_FALSE(turns.submit("b", [] {})) << "three wait in all";
    gate.open();
    gate.wait_for(5);
}

TEST(HostTurns, WhatWaitsIsDroppedAtTheEnd) {
    Gate gate;
    std::atomic<int> ran{0};
    {
        HostTurns turns({.threads_max = 1, .waiting_max = 100, .of_host_max = 1, .of_host_waiting_max = 10});
        for (int i = 0; i < 5; ++i) {
            turns.submit("a", [&] {
                ++ran;
                gate.wait();
            });
        }
        gate.wait_for(1);
        gate.open();
    }
    EXPECT_GE(ran.load(), 1);
}

TEST(HostTurns, TheHostOfAUrl) {
    EXPECT_EQ(host_of_url("https://Example.com:8443/x?y"), "example.com:8443");
    EXPECT_EQ(host_of_url("http://a?b"), "a");
    EXPECT_EQ(host_of_url("none"), "none");
}

}  // namespace
}  // namespace millrace::gateway
