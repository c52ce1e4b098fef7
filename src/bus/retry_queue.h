// Events that wait for another try, durably: what a target did not take, or did not take soon enough for the bus to
// wait for it. Ordered by the lane they belong to (lane.h) and when they are due.
//
//   value = format (1 byte, 1) attempts (8) accepted-ms (8) field{6}
//   field = length (8) bytes: body, partition key, path values, headers, query - the last three JSON, "" where there
//   are
//           none - and the last failure as "CODE message"
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/named.h"
#include "src/base/result.h"
#include "src/target/target.h"

namespace millrace::table {
class KeyValueStore;
class WriteBatch;
}  // namespace millrace::table

namespace millrace::bus {

struct Parked {
    target::Item item;
    TimestampMs accepted;
    uint64_t attempts = 0;
    std::string failure;  // the last: code, a space, the sentence; "" where it was not tried
};

// What it counts for in a bound: its bytes, and what keeping it costs besides.
uint64_t cost_of(const Parked& parked);
std::string encode(const Parked& parked);
Result<Parked> decode_parked(std::string_view value);  // corruption

class RetryQueue {
  public:
    RetryQueue(table::KeyValueStore& store, uint64_t bus, uint64_t sequence_first)
        : store_(store), bus_(bus), sequence_(sequence_first) {}

    struct Entry {
        std::string key;
        int64_t due_ms = 0;
        Parked parked;
    };
    struct Backlog {
        uint64_t count = 0, bytes = 0;
        int64_t due_ms = INT64_MAX;  // of the first
    };

    // Adds to `batch`; returns the key.
    std::string put(uint64_t lane, int64_t due_ms, const Parked& parked, table::WriteBatch* batch);
    // What is due at `now_ms`, the first due first. Where one can not be read (damaged), only its key is added to
    // `damaged`.
    Result<std::vector<Entry>> due(uint64_t lane, int64_t now_ms, size_t count_max, size_t bytes_max,
                                   std::vector<std::string>* damaged) const;
    // INT64_MAX: nothing waits.
    Result<int64_t> first_due(uint64_t lane) const;
    // Everything that waits, by lane: for the start.
    Status each_lane(const std::function<void(uint64_t lane, const Backlog&)>& visit) const;
    // Forgets what waits in a lane, at most `count_max`; returns whether that was all.
    Result<bool> erase_some(uint64_t lane, size_t count_max);

  private:
    std::string prefix(uint64_t lane) const;

    table::KeyValueStore& store_;
    const uint64_t bus_;
    uint64_t sequence_;
};

}  // namespace millrace::bus
