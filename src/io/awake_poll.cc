#include "src/io/awake_poll.h"

#include <algorithm>
#include <ctime>

#include "src/io/awake_time.h"

namespace millrace::io {
namespace {

constexpr int piece_ms_min = 10, piece_ms_max = 500;

thread_local int64_t stood_still = 0;

int64_t monotonic_ms() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

}  // namespace

int64_t stood_still_ms() {
    return stood_still;
}

int awake_poll(pollfd* descriptors, nfds_t count, int timeout_ms) {
    if (timeout_ms <= piece_ms_min) return ::poll(descriptors, count, timeout_ms);
    const int piece_ms = std::clamp(timeout_ms / 4, piece_ms_min, piece_ms_max);
    AwakeTime time(monotonic_ms(), piece_ms);
    while (true) {
        const int64_t left_ms = std::max<int64_t>(0, timeout_ms - time.passed_ms());
        const int ready = ::poll(descriptors, count, static_cast<int>(std::min<int64_t>(left_ms, piece_ms)));
        stood_still += time.pass(monotonic_ms());
        if (ready != 0 || left_ms == 0) return ready;
    }
}

}  // namespace millrace::io
