// One ordered part of one shard on its way into a function: the records whose order hash falls to it, a batch at a
// time. A state machine without a thread or a clock of its own: step() goes on as far as it can, take() hands it the
// answer of the call that it made.
//
//                 +------------------ failed: bisect, or wait and try again -------------------+
//                 v                                                                            |
//   save what is done -> gather a batch from the shard -> due? -> call the function -> read the answer
//        ^                     ^      |                                                        |
//        |                     |      +-> too old, out of attempts: give up (destination) --+  |
//        +---------------------+------------------------------------------------------------+--+ done, or partly
//
// A batch that has to be called again is gathered again from the shard, between the same positions: what waits between
// attempts holds no memory. Nothing is called before what was done last is durable.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/flow/mapping/checkpoint.h"
#include "src/flow/mapping/definition.h"
#include "src/flow/mapping/failure_record.h"
#include "src/flow/mapping/filter.h"
#include "src/flow/mapping/options.h"
#include "src/flow/mapping/source.h"
#include "src/flow/stepped.h"
#include "src/function/functions.h"

namespace millrace::io {
class Clock;
}

namespace millrace::flow::mapping {

class Lane;

// What a lane needs of its mapping. Outlives it.
class LaneHost {
  public:
    virtual ~LaneHost() = default;
    virtual const Definition& definition() const = 0;
    virtual const Filter& filter() const = 0;
    virtual const Options& options() const = 0;
    virtual const io::Clock& clock() const = 0;
    virtual const std::string& pipe_arn() const = 0;  // "": none, a function is called
    virtual Source& source() = 0;
    virtual std::atomic<int64_t>& held_bytes() = 0;  // of events in all lanes of all mappings
    // The answer comes by take(), never from inside this call.
    virtual void call(Lane& lane, std::string event) = 0;
    virtual Status save(const Lane& lane) = 0;  // its checkpoint; durable on return
    virtual Status deliver(const FailureRecord& record) = 0;
    // `problem`: "" where a call went well.
    virtual void report(std::string_view problem) = 0;
};

struct LaneCounts {
    uint64_t done = 0;      // records that a call was answered well for
    uint64_t filtered = 0;  // passed over
    uint64_t given_up = 0;
    uint64_t calls = 0;
    uint64_t function_us = 0;  // the functions' own time in those calls
};

// Records that are no longer tried, on their way to the destination.
struct GivenUp {
    FailureRecord record;
    Position end;
    int64_t since_ns = 0;
};

class Lane {
  public:
    // Number `number` of `of`, in `shard`, which outlives it and may come to be closed.
    Lane(LaneHost& host, const SourceShard& shard, uint32_t number, uint32_t of, LaneCheckpoint checkpoint);
    ~Lane();
    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;

    Stepped::Next step(int64_t turn_ends_ns, const std::atomic<bool>& stopping);
    void take(Result<function::InvocationResult> result);
    // Between calls, before its settings change: saves what is done and forgets the batch that was under way.
    Status settle();

    // Since when its calls find no room (the function's concurrency); 0 where they do.
    int64_t throttled_since_ns() const { return throttled_since_ns_; }
    void retry_now() { retry_due_ns_ = 0; }

    bool in_flight() const { return in_flight_; }
    // The shard is closed and all of the lane's records are done.
    bool finished() const;
    const SourceShard& shard() const { return shard_; }
    uint32_t number() const { return number_; }
    const LaneCheckpoint& checkpoint() const { return checkpoint_; }
    const std::string& problem() const { return problem_; }  // of the newest call; "" where it went well
    const LaneCounts& counts() const { return counts_; }

  private:
    struct Entry {
        Position position;
        TimestampMs time;
        size_t text_end;  // of its part of Batch::text
    };
    struct Batch {
        Position next;     // read so far
        std::string text;  // {"Records":[ and the records
        std::vector<Entry> entries;
    };
    // Records between two positions that have been called at least once, or are to be given up.
    struct Range {
        Position from, end;
        size_t records = 0;        // about as many, for reading no more
        uint32_t attempts = 0;     // that count against the retries
        uint32_t invocations = 0;  // of records in it
        bool exhausted = false;
    };
    enum class Stop : uint8_t { turn, at_end, full, range_end, window_end, oversized };

    using Step = std::optional<Stepped::Next>;  // nullopt: something was done, go on
    Result<Step> advance(int64_t turn_ends_ns);
    Result<Stop> gather(int64_t turn_ends_ns);
    std::optional<Stop> add(const SourceRead& read, const SourceRecord& record, Error* error);
    Step nothing_gathered(Stop stop);
    std::optional<Stepped::Next> not_due_yet(Stop stop);
    size_t expired_entries() const;
    void give_up(size_t entries, std::string_view condition);
    Status deliver_given_up();
    void call_with_batch();
    void call_final(bool early);
    void done_until(Position position);
    void drop_batch();
    void back_off();
    void failed(std::string_view why);
    void final_answered(const function::InvocationResult& result);
    std::optional<size_t> first_failed(const std::vector<std::string>& identifiers) const;
    bool window_over() const;
    TimestampMs window_of(TimestampMs time) const;
    int64_t window_ms() const;
    std::string event_tail(const Window& window, bool final, bool early) const;
    void hold(size_t bytes);

    LaneHost& host_;
    const SourceShard& shard_;
    const uint32_t number_, of_;
    LaneCheckpoint checkpoint_;

    Batch batch_;
    std::deque<Range> ranges_;              // of the batch under way, in order
    std::optional<int64_t> first_seen_ns_;  // when the first record of a fresh batch was
    int64_t wait_until_ns_ = 0;             // for a window whose records were let go of meanwhile
    std::vector<Entry> called_;             // in flight
    Window called_window_;                  //
    bool in_flight_ = false;
    bool final_in_flight_ = false;
    uint32_t final_attempts_ = 0;
    bool final_given_up_ = false;
    std::optional<GivenUp> given_up_;
    bool unsaved_ = false;
    bool passed_over_ = false;    // the position moved over others' or filtered records since it was saved...
    int64_t saved_ns_ = 0;        // ...then
    bool at_end_ = false;         // the newest read found the shard's end
    bool at_end_closed_ = false;  // and it was closed already
    uint32_t failures_ = 0;       // in a row
    int64_t retry_due_ns_ = 0;
    int64_t throttled_since_ns_ = 0;
    size_t held_ = 0;
    std::string problem_;
    LaneCounts counts_;
    // Of the newest call, for the destination.
    std::string request_id_, executed_version_, function_error_;
};

}  // namespace millrace::flow::mapping
