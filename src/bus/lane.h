// One target of one rule, as its bus's dispatcher sees it: what waits for it, and what is on its way.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "src/bus/retry_queue.h"
#include "src/bus/rules.h"

namespace millrace::bus {

// A stretch of the log whose events are on their way. Done when nobody holds it up any more: each delivery has ended,
// or is in the retry queue.
struct Chunk {
    log::Position end;
    size_t events = 0;
    size_t pending = 0;
};

struct Waiting {
    Parked parked;
    std::shared_ptr<Chunk> chunk;  // null once its chunk need not wait for it
    std::string key;               // in the retry queue; "" where it is not there
    int64_t since_ns = 0;          // in the lane
    bool is_loaded = false;        // from the retry queue
};

struct Flight {
    std::vector<Waiting> items;
    int64_t since_ns = 0;
};

struct Lane {
    uint64_t id = 0;  // twice the target's uid, and one more for its dead letters
    bool is_dead_letter = false;
    std::shared_ptr<const RuleTarget> rule_target;

    std::deque<Waiting> memory;
    std::map<uint64_t, Flight> flights;
    size_t tied = 0;  // of both: that are in the retry queue as well
    int64_t blocked_until_ns = 0;
    bool is_slow = false;  // what comes goes to the retry queue at once, until that is empty
    uint64_t dropped = 0;  // since the start...
    int64_t told_ns = 0;   // ...and when that was last said

    RetryQueue::Backlog backlog;
    bool is_idle() const { return memory.empty() && flights.empty() && backlog.count == 0; }

    const target::Target& target() const { return is_dead_letter ? *rule_target->dead_letter : rule_target->target; }
    target::Kind kind() const;
    size_t flights_max() const;
    size_t items_per_flight() const;
};

}  // namespace millrace::bus
