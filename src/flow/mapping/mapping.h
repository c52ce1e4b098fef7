// One event source mapping at work: which shards there are, which of them may be read yet, their lanes, and what
// somebody changes about it meanwhile. A state machine like flow::Delivery: see stepped.h.
//
// A change of the settings, a rewind, disabling and deleting wait for the calls under way; nothing new is called before
// they have been carried out. The children of a split or merge wait until their parents are done.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "src/flow/mapping/checkpoint.h"
#include "src/flow/mapping/definition.h"
#include "src/flow/mapping/lane.h"
#include "src/flow/mapping/options.h"
#include "src/flow/mapping/source.h"
#include "src/flow/stepped.h"

namespace millrace::io {
class Clock;
}
namespace millrace::object {
class Store;
}
namespace millrace::table {
class KeyValueStore;
}

namespace millrace::flow::mapping {

using CallDone = std::function<void(Result<function::InvocationResult>)>;

// All outlive the mappings.
struct Parts {
    SourceParts sources;
    table::KeyValueStore& store;
    catalog::Registry& registry;
    object::Store& objects;
    const io::Clock& clock;
    // function::Functions::invoke, and the role that a function runs as (not_found).
    std::function<void(function::Invocation, CallDone)> invoke;
    std::function<Result<std::string>(const function::FunctionName&)> role_of;
    // The pipe (src/flow/pipe) whose part it is, which `invoke` then stands for; "": it is a function's.
    std::string pipe_arn = {};
};

struct ShardDescription {
    std::string id;
    std::string position;   // the sequence number below which all is done
    int64_t behind_ms = 0;  // how old the oldest record is that is not done; 0: none waits
    bool finished = false;
    bool waiting = false;  // for its parents
    bool in_flight = false;
    std::string problem;  // of the newest call; "" where it went well
};

struct Description {
    Definition definition;
    std::string state;   // "Creating", "Enabled", "Disabling", "Disabled", "Enabling", "Updating", "Deleting"
    std::string result;  // LastProcessingResult: "No records processed", "OK", "PROBLEM: ..."
    LaneCounts counts;   // since the start of the process
};

class Mapping final : public Stepped, private LaneHost {
  public:
    // `held_bytes` is shared by all mappings; outlives this one. `fresh`: just created, not found at a start.
    Mapping(Definition definition, Options options, Parts parts, std::atomic<int64_t>& held_bytes, bool fresh);
    ~Mapping() override;

    // Where a new mapping begins, durable on return. not_found where the source does not exist; unsupported; what a
    // filter is refused with.
    static Status place(const Definition& definition, const Parts& parts);
    // Called, from any thread, when an answer has come.
    void set_poke(std::function<void()> poke);

    Next step(bool flush, const std::atomic<bool>& stopping) override;
    bool sources_changed() override;
    std::vector<std::shared_ptr<void>> subscribe(const std::function<void()>& wake) override;

    // Takes effect with the next steps. Any thread.
    void reconfigure(Definition definition);
    Description describe() const;
    // Reads the source; waits for the step under way. Any thread.
    std::vector<ShardDescription> shards();
    bool gone() const;  // deleted, and nothing is left of it

  private:
    struct Shard {
        SourceShard source;
        bool finished = false;
        std::vector<std::unique_ptr<Lane>> lanes;
    };
    struct Inbox;

    const Definition& definition() const override { return definition_; }
    const Filter& filter() const override { return filter_; }
    const Options& options() const override { return options_; }
    const io::Clock& clock() const override { return parts_.clock; }
    const std::string& pipe_arn() const override { return parts_.pipe_arn; }
    Source& source() override { return *source_; }
    std::atomic<int64_t>& held_bytes() override { return held_bytes_; }
    void call(Lane& lane, std::string event) override;
    Status save(const Lane& lane) override;
    Status deliver(const FailureRecord& record) override;
    void report(std::string_view problem) override;

    Status run(const std::atomic<bool>& stopping, Next* next);
    void take_answers();
    void step_throttled(int64_t turn_ends_ns, const std::atomic<bool>& stopping);
    bool take_definition();
    Status carry_out();
    Status rewind();
    Status spread_lanes();
    Status open();
    Status refresh();
    Status add_shard(const SourceShard& source);
    Status finish(Shard& shard);
    bool waits(const Shard& shard) const;
    ShardCheckpoint checkpoint_of(const Shard& shard) const;
    void make_lanes(Shard& shard, const ShardCheckpoint& from);
    Status forget();
    void set_state(std::string state);

    const Options options_;
    Parts parts_;
    std::atomic<int64_t>& held_bytes_;
    const std::shared_ptr<Inbox> inbox_;

    std::mutex step_mutex_;  // held by whoever steps or looks at the shards
    Definition definition_;
    Filter filter_;
    std::unique_ptr<Source> source_;
    Checkpoint head_;  // without its shards
    bool opened_ = false;
    bool to_carry_out_ = true;
    std::map<ShardKey, Shard> shards_;
    std::map<uint64_t, Lane*> calls_;  // in flight, by ticket
    uint64_t next_ticket_ = 0;
    size_t calls_ended_ = 0;  // since the last step: as many that were throttled may find room now
    bool shards_changed_ = true;
    int64_t refresh_due_ns_ = 0;
    uint32_t failures_ = 0;
    int64_t retry_due_ns_ = 0;
    bool refused_ = false;  // the newest run() failed: what it reported stands

    mutable std::mutex mutex_;  // guards what other threads see; innermost
    std::optional<Definition> new_definition_;
    Description seen_;
    bool gone_ = false;
};

}  // namespace millrace::flow::mapping
