// The one thread that runs environments: descriptors, timers, and a mailbox for other threads.
//
// http's loop serves connections that are dealt over several threads; this one serves a few hundred descriptors whose
// owners come and go with processes, and timers that are the point of half of it. It sleeps in epoll_wait; a post
// writes the eventfd only where the loop sleeps or is about to.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "src/io/wakeup.h"

namespace millrace::function {

class Loop {
  public:
    using TimerId = std::pair<int64_t, uint64_t>;  // due, number; {0, 0}: none

    Loop();
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    // --- any thread. False after stop(): the task is dropped.
    bool post(std::function<void()> task);
    // Makes run() return once everything posted so far has run.
    void stop();

    // --- the loop's thread
    void run();
    // One round: at most `timeout_ms` (-1: for ever).
    void run_once(int timeout_ms);
    // Level-triggered. The descriptor is the caller's; unwatch() before it is closed.
    void watch(int descriptor, uint32_t epoll_events, std::function<void(uint32_t)> on_event);
    void change(int descriptor, uint32_t epoll_events);
    void unwatch(int descriptor);
    TimerId after_ms(int64_t ms, std::function<void()> task);
    void cancel(TimerId& timer);                // and clears it; fine for one that is due or none
    int64_t now_ns() const { return now_ns_; }  // monotonic, of this round
    // `task` runs at the end of this round: what an event's own handler must not do, such as destroying its owner.
    void soon(std::function<void()> task) { soon_.push_back(std::move(task)); }

  private:
    struct Watch {
        uint64_t generation;  // events that were taken before unwatch() are not for its successor
        std::function<void(uint32_t)> on_event;
    };
    void serve_mailbox();
    void serve_timers();
    void serve_soon();
    int wait_ms(int timeout_ms) const;

    int epoll_ = -1;
    std::shared_ptr<io::Wakeup> wakeup_;
    std::atomic<bool> asleep_{false};
    std::mutex mutex_;  // guards these two
    std::vector<std::function<void()>> mailbox_;
    bool stopping_ = false;

    bool stopped_ = false;
    int64_t now_ns_ = 0;
    uint64_t next_number_ = 1;
    std::unordered_map<int, std::shared_ptr<Watch>> watches_;
    std::map<TimerId, std::function<void()>> timers_;
    std::vector<std::function<void()>> soon_;
};

}  // namespace millrace::function
