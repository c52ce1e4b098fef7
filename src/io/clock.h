// Time comes in by constructor, so that a year is one line of a test.
#pragma once

#include <atomic>
#include <cstdint>

#include "src/base/named.h"

namespace millrace::io {

class Clock {
  public:
    virtual ~Clock() = default;
    virtual TimestampMs now() const = 0;       // wall clock; may step
    virtual int64_t monotonic_ns() const = 0;  // never goes back; for intervals
};

// The machine's clock; lives for ever; any thread.
const Clock& system_clock();

// A clock that moves when told; any thread.
class ManualClock final : public Clock {
  public:
    explicit ManualClock(TimestampMs start = TimestampMs(1'700'000'000'000)) : wall_ms_(start.value()) {}
    TimestampMs now() const override { return TimestampMs(wall_ms_.load()); }
    int64_t monotonic_ns() const override { return monotonic_ns_.load(); }
    // Time passes: both clocks move on.
    void advance_ms(int64_t ms) {
        wall_ms_ += ms;
        monotonic_ns_ += ms * 1'000'000;
    }
    // Someone sets the wall clock, perhaps back; intervals do not notice.
    void set_wall(TimestampMs now) { wall_ms_ = now.value(); }

  private:
    std::atomic<int64_t> wall_ms_;
    std::atomic<int64_t> monotonic_ns_{0};
};

}  // namespace millrace::io
