// When a buffer is full or old enough (Firehose's BufferingHints): whichever of size and interval comes first.
//
// The interval counts from the arrival of the oldest record. A reader that has a backlog to work through (after a
// restart, or after the bucket was missing for an hour) finds every record older than the interval; writing an object
// for each read would flood the bucket, so while there is more to read the interval counts from the first read.
#pragma once

#include <algorithm>
#include <cstdint>

#include "src/base/named.h"

namespace millrace::flow {

class Buffer {
  public:
    Buffer(uint64_t bytes_max, int64_t interval_ms) : bytes_max_(bytes_max), interval_ms_(interval_ms) {}

    void add(uint64_t bytes, TimestampMs arrival, int64_t monotonic_ns) {
        if (records_ == 0) {
            oldest_ = arrival;
            opened_ns_ = monotonic_ns;
        }
        oldest_ = std::min(oldest_, arrival);
        bytes_ += bytes;
        ++records_;
    }
    // What records that were added before turned out to take.
    void grow(uint64_t bytes) { bytes_ += bytes; }

    uint64_t records() const { return records_; }
    uint64_t bytes() const { return bytes_; }
    bool full() const { return bytes_ >= bytes_max_; }

    // For how long, in ms, the buffer may wait for more; 0 where it is due. Meaningless while empty.
    int64_t wait_ms(TimestampMs now, int64_t monotonic_ns, bool caught_up) const {
        if (full()) return 0;
        const int64_t since_open = interval_ms_ - (monotonic_ns - opened_ns_) / 1'000'000;
        // A wall clock that steps back must not hold a buffer for longer than the interval since it was opened.
        const int64_t since_arrival = interval_ms_ - (now.value() - oldest_.value());
        const int64_t wait = caught_up ? std::min(since_open, since_arrival) : since_open;
        return std::max<int64_t>(wait, 0);
    }

  private:
    uint64_t bytes_max_;
    int64_t interval_ms_;
    uint64_t bytes_ = 0;
    uint64_t records_ = 0;
    TimestampMs oldest_;
    int64_t opened_ns_ = 0;
};

}  // namespace millrace::flow
