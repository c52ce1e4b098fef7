#include "src/io/clock.h"

#include <ctime>

namespace millrace::io {
namespace {

int64_t read_clock_ns(clockid_t which) {
    timespec now{};
    clock_gettime(which, &now);
    return static_cast<int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

class SystemClock final : public Clock {
  public:
    TimestampMs now() const override { return TimestampMs(read_clock_ns(CLOCK_REALTIME) / 1'000'000); }
    int64_t monotonic_ns() const override { return read_clock_ns(CLOCK_MONOTONIC); }
};

}  // namespace

const Clock& system_clock() {
    static const SystemClock clock;
    return clock;
}

}  // namespace millrace::io
