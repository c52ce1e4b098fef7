#include "src/io/wakeup.h"

#include <gtest/gtest.h>
#include <poll.h>

namespace millrace::io {
namespace {

bool signalled(const Wakeup& wakeup) {
    pollfd waiting{wakeup.descriptor(), POLLIN, 0};
    return ::poll(&waiting, 1, 0) == 1;
}

TEST(Wakeup, a_signal_is_seen_until_it_is_drained) {
    auto wakeup = Wakeup::make();
    EXPECT_FALSE(signalled(*wakeup));
    wakeup->signal();
    wakeup->signal();
    EXPECT_TRUE(signalled(*wakeup));
    wakeup->drain();
    EXPECT_FALSE(signalled(*wakeup));
}

TEST(WakeBatch, signals_wait_for_the_end_of_the_outermost_batch) {
    auto first = Wakeup::make();
    auto second = Wakeup::make();
    {
        WakeBatch outer;
        {
            WakeBatch inner;
            first->signal();
            first->signal();
            second->signal();
        }
        EXPECT_FALSE(signalled(*first));
    }
    EXPECT_TRUE(signalled(*first));
    EXPECT_TRUE(signalled(*second));
}

TEST(WakeBatch, a_target_destroyed_inside_a_batch_is_kept_alive_until_its_end) {
    WakeBatch batch;
    auto wakeup = Wakeup::make();
    wakeup->signal();
    wakeup.reset();
}

}  // namespace
}  // namespace millrace::io
