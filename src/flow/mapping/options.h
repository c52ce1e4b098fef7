#pragma once

#include <cstddef>
#include <cstdint>

namespace millrace::flow::mapping {

struct Options {
    uint32_t threads = 2;           // that gather batches and read answers; the functions run elsewhere
    uint32_t gather_ms = 5;         // after a wake, how long to let records gather before reading
    int64_t retry_ms_first = 100;   // after a failed call, doubling...
    int64_t retry_ms_max = 10'000;  // ...up to this
    int64_t refresh_ms = 5'000;     // how soon other shards of a source, and another role of a function, are seen
    // Records of a time window may still be on their way to the disk when it ends.
    int64_t window_grace_ms = 1'000;
    int64_t destination_ms_max = 60'000;   // a destination that refuses for longer is given up, as AWS gives it up
    size_t event_bytes_max = 6 << 20;      // Lambda's limit of a synchronous call
    size_t state_bytes_max = 1 << 20;      // of a window
    int64_t held_bytes_max = 256ll << 20;  // of events gathered and in flight, in all
    int64_t position_save_ms = 10'000;     // of a lane that only passes over records
};

}  // namespace millrace::flow::mapping
