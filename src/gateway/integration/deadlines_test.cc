#include "src/gateway/integration/deadlines.h"

#include <atomic>
#include <future>

#include <gtest/gtest.h>

namespace millrace::gateway {
namespace {

TEST(Deadlines, WhatIsDueIsCalledAndWhatIsTakenAwayIsNot) {
    const std::unique_ptr<Deadlines> deadlines = Deadlines::make();
    std::promise<void> first, last;
    std::atomic<int> removed{0};
    deadlines->add(60'000, [&] { ++removed; });  // sleeps for long, and is woken by what is due sooner
    const Deadlines::Ticket ticket = deadlines->add(100, [&] { ++removed; });
    deadlines->add(100, [&] { first.set_value(); });
    deadlines->add(300, [&] { last.set_value(); });
    deadlines->remove(ticket);
    deadlines->remove(ticket);
    first.get_future().wait();
    last.get_future().wait();
    EXPECT_EQ(removed, 0);
}

TEST(Deadlines, OneMayBeAddedAndTakenAwayFromWithinAnother) {
    const std::unique_ptr<Deadlines> deadlines = Deadlines::make();
    std::promise<void> done;
    deadlines->add(1, [&] {
        const Deadlines::Ticket ticket = deadlines->add(60'000, [] {});
        deadlines->remove(ticket);
        deadlines->add(1, [&] { done.set_value(); });
    });
    done.get_future().wait();
}

}  // namespace
}  // namespace millrace::gateway
