// Until when something may take, and what to say when it took longer. Of one thread, whose waits are awake_poll()s:
// what it stands still in them does not count.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

#include "src/base/result.h"
#include "src/io/awake_poll.h"

namespace millrace::http {

struct TimeLeft {
    struct Clock {
        using time_point = std::chrono::steady_clock::time_point;
        static time_point now() {
            return std::chrono::steady_clock::now() - std::chrono::milliseconds(io::stood_still_ms());
        }
    };
    Clock::time_point until;
    std::string late;  // "no answer within 30000 ms"

    static TimeLeft in_ms(uint32_t ms, std::string late) {
        return {Clock::now() + std::chrono::milliseconds(ms), std::move(late)};
    }
    // This one, or `other` where it ends earlier.
    TimeLeft or_earlier(const TimeLeft& other) const { return other.until < until ? other : *this; }
    // For poll(2): at least 0, rounded up.
    int poll_ms() const {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
        return static_cast<int>(std::clamp<int64_t>(left, 0, 3'600'000));
    }
    bool is_over() const { return Clock::now() >= until; }
    Error error() const { return {ErrorCode::deadline_exceeded, late}; }
};

// Waits until `descriptor` is ready for `events` (poll(2)'s). deadline_exceeded; cancelled once `stop` is readable.
Status wait_ready(int descriptor, short events, int stop, const TimeLeft& time);

}  // namespace millrace::http
