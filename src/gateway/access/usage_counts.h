// How much of its quota a plan's key has used, by UTC days, for as long as GetUsage asks back.
//
// Counted in memory, written down every flush_ms (all that changed, in batches) and on stop: a death of the process
// forgets at most that much of counting, never what was written. UpdateUsage is durable on return.
//
//   key    "gateway/usage/" account "/" region "/" plan "/" key
//   value  JSON: {"format":1,"first":20413,"days":[[20413,17,0],...]}   days since 1970: used, extra
//
// `extra` is what UpdateUsage added to the quota of the day's period (less than 0: took from it); `first` the first day
// ever counted, in whose period the quota's offset applies.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/gateway/definition.h"

namespace millrace::table {
class KeyValueStore;
}

namespace millrace::gateway {

using Day = int32_t;  // since 1970-01-01, UTC

Day day_of(TimestampMs time);
// "2026-11-21"; nullopt where it is no date.
std::optional<Day> parse_day(std::string_view text);
// The first day of the day's period: "DAY"; "WEEK" (from Monday on: AWS does not say, ours is ISO 8601's); "MONTH".
Day period_start(std::string_view period, Day day);

class UsageCounts {  // any thread
  public:
    static constexpr Day days_kept = 90;

    // io, corruption. `store` outlives it.
    static Result<std::unique_ptr<UsageCounts>> open(table::KeyValueStore& store);

    // Counts a request, unless the quota is used up: then false.
    bool count(const UsagePlan& plan, const std::string& key_id, Day today);
    struct OfDay {
        int64_t used = 0, remaining = 0;
    };
    OfDay of_day(const UsagePlan& plan, const std::string& key_id, Day day);
    // Durable on return.
    Status set_remaining(const UsagePlan& plan, const std::string& key_id, Day today, int64_t remaining);
    Status forget(const UsagePlan& plan, std::string_view key_id);  // "": all of the plan's

    // Writes down what changed. Where it fails it is tried again the next time.
    Status flush();

  private:
    struct Cell {
        int64_t used = 0, extra = 0;
    };
    struct Counter {
        Day first = 0;
        std::map<Day, Cell> days;
    };

    explicit UsageCounts(table::KeyValueStore& store) : store_(store) {}
    Status load();
    // What is left of the quota at the end of `day`, without floor. Plans without one: the largest number.
    static int64_t remaining(const UsagePlan& plan, const Counter& counter, Day day);
    static std::string encode(const Counter& counter);
    static bool decode(std::string_view json, Counter* out);

    table::KeyValueStore& store_;
    std::mutex flush_;  // taken before mutex_: one writer at a time, so that the newest is written last
    std::mutex mutex_;
    std::map<std::string, Counter> counters_;  // by the store's key
    std::set<std::string> dirty_;
};

}  // namespace millrace::gateway
