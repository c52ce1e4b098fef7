// The reader of one bus's log: matches events with rules and hands them to targets.
//
//   log --read--> chunk --match--> lanes (one a target) --deliver--> target
//                                    |  too slow, or failed
//                                    v
//                              retry queue, durable --due--> lane
//
// It is a state machine that the scheduler steps; outcomes come on other threads into an inbox. The checkpoint moves
// over a chunk when each of its deliveries has ended or is in the retry queue, so a death repeats what was on its way
// and loses nothing. A target that is slow or broken holds up nobody: what waits for it longer than a moment goes to
// the retry queue, and the chunk with it; what finds no room there any more is given up (dispatcher_limits.cc). So no
// target stops the reading, or keeps the log.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "src/bus/event.h"
#include "src/bus/lane.h"
#include "src/bus/parts.h"
#include "src/bus/retry_queue.h"
#include "src/bus/rules.h"
#include "src/flow/stepped.h"
#include "src/io/subscription.h"
#include "src/table/key_value_store.h"

namespace millrace::bus {

struct DispatcherStats {  // since the start
    std::atomic<uint64_t> events{0}, matched{0}, delivered{0}, retried{0}, dead{0}, dropped{0};
    std::atomic<uint64_t> overflowed{0};               // of the dead and dropped: no room to wait
    std::atomic<uint64_t> parked{0}, parked_bytes{0};  // now
};

class Dispatcher final : public flow::Stepped {
  public:
    // Reads the checkpoint and what waits in the retry queue.
    static Result<std::shared_ptr<Dispatcher>> open(const BusDefinition& bus, std::shared_ptr<RuleTable> rules,
                                                    const Options& options, const Parts& parts,
                                                    target::Deliverer& deliverer, Surroundings& surroundings);

    Next step(bool flush, const std::atomic<bool>& stopping) override;
    bool sources_changed() override { return !subscribed_; }
    std::vector<std::shared_ptr<void>> subscribe(const std::function<void()>& wake) override;

    // After the last step: waits a moment for what is on its way, and remembers what arrived.
    void close();
    const DispatcherStats& stats() const { return stats_; }
    // Everything before it is delivered or in the retry queue. Any thread.
    log::Position delivered_until() const { return log::Position(delivered_until_); }

  private:
    struct Landed {  // a flight's end
        uint64_t lane, flight;
        std::vector<target::Outcome> outcomes;
    };
    // Where outcomes are left, by whatever thread; outlives the dispatcher in callbacks.
    struct Inbox {
        std::mutex mutex;
        std::vector<Landed> landed;
        std::shared_ptr<io::Subscription> wake;
        void add(Landed one);
    };

    Dispatcher(const BusDefinition& bus, std::shared_ptr<RuleTable> rules, const Options& options, const Parts& parts,
               target::Deliverer& deliverer, Surroundings& surroundings);

    // dispatcher.cc: the log's side
    void refresh_rules();
    bool is_held_up() const;  // too much is on its way to read more
    bool read_some();
    void dispatch(const log::RecordView& record, const std::shared_ptr<Chunk>& chunk);
    void finish_chunks();
    void save_checkpoint(bool now);
    bool fail(const Error& error);

    // schedules.cc
    int64_t fire_schedules();                      // when the next is due, monotonic
    bool fire(const Rule& rule, TimestampMs due);  // false: could not; try again

    // dispatcher_lanes.cc: the targets' side
    Lane& lane_of(const std::shared_ptr<const RuleTarget>& target, bool is_dead_letter);
    void add(Lane& lane, Waiting waiting);
    size_t& bytes_of(const Waiting& waiting);  // where it is counted
    void leave_memory(const Waiting& waiting);
    void land_all();
    void land(Lane& lane, Flight flight, std::vector<target::Outcome> outcomes);
    void settle(Lane& lane, Waiting item, target::Outcome outcome);
    void park(Lane& lane, Waiting item, int64_t due_ms);
    std::string put_in(Lane& lane, const Parked& parked, int64_t due_ms);  // into the retry queue; returns the key
    void take_out(Lane& lane, Waiting& item);                              // of it, if it is there
    void left(Lane& lane, uint64_t count, uint64_t bytes);                 // it: for the counts
    void forget(Lane& lane, Waiting& item);  // it has ended: out of the retry queue, its chunk goes on
    void pump(Lane& lane);
    void load(Lane& lane);
    void take_off(Lane& lane);
    void send(Lane& lane, uint64_t flight, std::vector<target::Item> items);
    // forward.cc: to a bus of this server
    void forward(Lane& lane, const std::vector<target::Item>& items, target::Deliverer::Done done);
    void spill(Lane& lane);
    int64_t patience() const;
    int64_t next_due(const Lane& lane) const;
    bool write();
    void drop_lanes();  // of targets that are no more

    // dispatcher_limits.cc: what is given up
    bool is_full(const Lane& lane) const;
    void overflow(Lane& lane, Waiting item);
    void give_up(Lane& lane, Waiting item, const std::string& condition);
    void drop(Lane& lane, const std::string& why);

    const BusDefinition bus_;
    const std::shared_ptr<RuleTable> rules_;
    const Options options_;
    const Parts parts_;
    target::Deliverer& deliverer_;
    Surroundings& surroundings_;
    const log::ShardKey shard_;
    RetryQueue queue_;
    const std::shared_ptr<Inbox> inbox_ = std::make_shared<Inbox>();

    std::shared_ptr<const RuleSet> set_;
    PatternIndex::Scratch scratch_;
    std::vector<RulePtr> matched_;
    std::map<uint64_t, std::unique_ptr<Lane>> lanes_;
    std::set<uint64_t> busy_;     // lanes that are not idle
    std::set<uint64_t> orphans_;  // lanes of the retry queue whose target is gone
    std::deque<std::shared_ptr<Chunk>> chunks_;
    size_t open_events_ = 0;  // in them
    log::Position next_;
    uint64_t flight_ = 0;
    size_t memory_bytes_ = 0, loaded_bytes_ = 0;
    uint64_t waiting_lanes_ = 0;  // that have something in the retry queue
    std::atomic<uint64_t> delivered_until_{0};
    uint64_t saved_ = 0;
    int64_t saved_ns_ = 0, trimmed_ns_ = 0;

    table::WriteBatch batch_;                       // what this step changes in the retry queue...
    std::vector<std::shared_ptr<Chunk>> released_;  // ...and who waits for that
    std::map<uint64_t, TimestampMs> fired_;         // scheduled rules: when last
    bool at_end_ = false;
    bool failed_ = false;          // in this step
    int64_t stands_until_ns_ = 0;  // after a failure: then it is tried again...
    int64_t stand_ns_ = 0;         // ...and this long later
    bool subscribed_ = false;
    DispatcherStats stats_;
};

}  // namespace millrace::bus
