// Schedules: what exists, and one thread that carries out what is due.
//
//   due index --(recorded, with the next time, in one write)--> runs --(target::Deliverer)--> done, tried again, given
//   up
//
// At least once: a run is forgotten after its target has taken it, so one that was under way when the process died is
// carried out again. Nothing is held in memory of a schedule that is not due: a million of them cost what their bytes
// cost in the store.
//
// What was due while the server was off is late, not lost: every occurrence that is no older than its retry policy's
// MaximumEventAgeInSeconds (a day by default) is carried out, with the scheduled-time that it had; older ones are given
// up, as AWS gives up what it could not deliver in that time.
//
// Attempts are 1 s apart at first, then doubling up to 8 minutes, so that AWS's default of 185 attempts takes a day.
// What a target refuses for good (no such stream, malformed) is given up at once. A run is carried out with its
// schedule's target as it is then; one of a schedule that was deleted meanwhile is dropped.
//
// Any thread may call. Start: open(), then run() once targets can be called. Stop: stop(), before the Deliverer goes.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "src/base/result.h"
#include "src/schedule/definition.h"
#include "src/schedule/keys.h"
#include "src/schedule/run.h"

namespace millrace::io {
class Clock;
}
namespace millrace::table {
class KeyValueStore;
class WriteBatch;
}  // namespace millrace::table

namespace millrace::schedule {

struct Options {
    uint32_t moved_max = 256;        // schedules that become runs in one write
    uint32_t in_flight_max = 256;    // calls of targets at once
    uint32_t waiting_max = 10'000;   // runs that are recorded; over it what is due waits in the index
    int64_t retry_ms_first = 1'000;  // doubling...
    int64_t retry_ms_max = 480'000;  // ...up to this
    size_t scanned_max = 10'000;     // schedules that one page of a list looks at
    size_t groups_max = 500;         // of an account and region, as AWS
};

struct Parts {  // all outlive the engine
    table::KeyValueStore& store;
    const io::Clock& clock;
    // target::Deliverer::deliver, for one item.
    std::function<void(Call, std::function<void(target::Outcome)>)> deliver;
};

struct Counts {                                                     // since the start of the process
    uint64_t delivered = 0, failed = 0, given_up = 0, skipped = 0;  // skipped: occurrences too old to be recorded
};

struct SchedulePage {
    std::vector<Schedule> schedules;
    std::string next;  // "" at the end; else what `after` takes
};
struct GroupPage {
    std::vector<Group> groups;
    std::string next;
};

class Engine {
  public:
    static Result<std::unique_ptr<Engine>> open(Options options, Parts parts);
    ~Engine();  // stop()
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;
    void run();
    // One turn of the thread on the caller's, instead of run(): until when it would sleep, or what went wrong. For
    // tests.
    Result<TimestampMs> step();
    void stop();  // nothing is called once it has returned; answers that are under way are forgotten

    // All durable on return. Errors: not_found, already_exists, failed_precondition (the group is being deleted),
    // invalid_argument (expression, zone), resource_exhausted.
    //
    // Made again with the token that made it and the same settings, create() answers as the first time.
    Status create(const ScheduleName& name, const Settings& settings, const std::string& token);
    Status update(const ScheduleName& name, const Settings& settings);
    Status remove(const ScheduleName& name);
    Result<Schedule> find(const ScheduleName& name);
    struct ListFilter {
        std::string group;  // "": all groups
        std::string prefix;
        std::optional<bool> enabled;
    };
    // By group and name, behind `after`. A page may be short, even empty, with a `next`. not_found: the group.
    Result<SchedulePage> list(const Scope& scope, const ListFilter& filter, std::string_view after, size_t limit);

    Status create_group(const Scope& scope, const std::string& name, std::map<std::string, std::string> tags,
                        const std::string& token);
    // Its schedules go in the background; until then it is there as `deleting`. invalid_argument: the default group.
    Status remove_group(const Scope& scope, const std::string& name);
    Result<Group> find_group(const Scope& scope, std::string_view name);
    Result<GroupPage> list_groups(const Scope& scope, std::string_view prefix, std::string_view after, size_t limit);
    Status change_tags(const Scope& scope, std::string_view group,
                       const std::function<Status(std::map<std::string, std::string>*)>& change);

    Counts counts() const;

  private:
    struct Inbox;
    struct Finished {
        std::string key;  // of the run
        target::Outcome outcome;
    };

    Engine(Options options, Parts parts);

    // What exists (schedules.cc, groups.cc).
    std::mutex& stripe(const ScheduleName& name);
    Result<Schedule> load(const ScheduleName& name);
    Result<Group> load_group(const Scope& scope, std::string_view name);  // the default one is made where it is missing
    Status check_group(const ScheduleName& name);
    Status place(const Schedule& schedule, TimestampMs after, table::WriteBatch* out);
    Result<std::optional<TimestampMs>> next_of(const ScheduleName& name);
    Status unplace(const ScheduleName& name, table::WriteBatch* out);
    Status write_and_poke(const table::WriteBatch& batch);
    // update(), holding the schedule's stripe, or the world where it is late.
    Status change(const ScheduleName& name, const Settings& settings);

    // The thread (dispatch.cc).
    void work();
    Result<TimestampMs> turn();  // until when to sleep
    Status settle();
    Status settle_one(const Finished& finished, table::WriteBatch* out);
    Status end_run(const Run& run, const ScheduleName& name, const std::string& key, table::WriteBatch* out);
    Status write_out(table::WriteBatch* batch);
    Result<bool> hand_on_last(const Run& run, const ScheduleName& name, std::string_view key, table::WriteBatch* out);
    Result<TimestampMs> move_due();
    // Holding the world: a run of the schedule at `time`; runs for `first` and all that was due from then to `now`.
    void record(const Schedule& schedule, TimestampMs time, bool last, table::WriteBatch* out);
    Status record_late(const Schedule& schedule, TimestampMs first, TimestampMs now, table::WriteBatch* out);
    Status move_one(const ScheduleName& name, TimestampMs time, TimestampMs now, table::WriteBatch* out);
    Result<TimestampMs> launch();
    Status launch_one(std::string key, std::string_view value, TimestampMs now, table::WriteBatch* out);
    void call_targets();
    Status sweep_groups();
    void give_up(const ScheduleName& name, std::string_view why);

    const Options options_;
    const Parts parts_;
    const std::shared_ptr<Inbox> inbox_;

    // Changes of one schedule are made one after the other: callers share `world_` and hold a stripe, the thread has
    // `world_` for itself. Groups change with `world_` to themselves.
    std::shared_mutex world_;
    std::array<std::mutex, 64> stripes_;

    std::mutex mutex_;  // innermost
    std::condition_variable wake_;
    bool poked_ = false, stopping_ = false;
    // Keys. Nothing lies before these in the index and the runs: reading begins here, behind what was erased - key by
    // key, not moment by moment: a million may be due in one, and what is erased costs until the store compacts it.
    std::string due_from_{keys::due};
    std::string runs_from_{keys::runs};
    std::vector<std::pair<Scope, std::string>> groups_to_sweep_;

    // The thread's own.
    std::set<std::string, std::less<>> in_flight_;     // keys of runs
    std::vector<std::pair<std::string, Call>> calls_;  // to be made once the world is let go
    std::vector<Finished> finished_;                   // not written down yet
    size_t waiting_ = 0;                               // runs in the store
    int64_t said_ns_ = 0;

    std::atomic<uint64_t> delivered_{0}, failed_{0}, given_up_{0}, skipped_{0};
    std::thread thread_;
};

}  // namespace millrace::schedule
