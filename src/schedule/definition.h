// What a schedule and a group of them are; their versioned JSON in the ordered store is definition_codec.cc's.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/named.h"
#include "src/base/result.h"
#include "src/base/scope.h"

namespace millrace::schedule {

inline constexpr std::string_view default_group = "default";

// What is called when the schedule is due; src/target/target.h says what may be named.
struct ScheduleTarget {
    std::string arn;
    std::string role;                                // kept and shown; there are no policies to hold it to
    std::optional<std::string> input;                // absent: AWS's default notification
    std::optional<uint32_t> retries_max, age_s_max;  // RetryPolicy; absent: AWS's defaults
    std::string partition_key;                       // streams
    std::string source, detail_type;                 // buses
    uint32_t attempts_more() const { return retries_max.value_or(185); }
    int64_t age_ms_max() const { return int64_t{age_s_max.value_or(86'400)} * 1000; }
    bool operator==(const ScheduleTarget&) const = default;
};

// What an update replaces, all of it.
struct Settings {
    std::string expression;  // as it was written
    std::string zone;        // "" was not given: UTC
    std::optional<TimestampMs> start, end;
    std::optional<std::string> description;
    bool enabled = true;
    uint32_t window_minutes = 0;  // of the flexible window; 0: OFF
    bool delete_after = false;    // ActionAfterCompletion
    ScheduleTarget target;
    bool operator==(const Settings&) const = default;
};

struct ScheduleName {
    Scope scope;
    std::string group, name;
    auto operator<=>(const ScheduleName&) const = default;
};

struct Schedule {
    ScheduleName name;
    Settings settings;
    TimestampMs created, modified;
    TimestampMs anchor;     // what a rate is counted from
    std::string uid;        // of this one, not of another that had the name before
    uint64_t revision = 1;  // moves with every update
    std::string token;      // the ClientToken that made it; "" none
};

struct Group {
    Scope scope;
    std::string name;
    TimestampMs created, modified;
    bool deleting = false;
    std::map<std::string, std::string> tags;
    std::string token;
};

// "arn:aws:scheduler:us-east-1:000000000000:schedule/GROUP/NAME", ":schedule-group/NAME"
std::string arn_of(const ScheduleName& name);
std::string group_arn(const Scope& scope, std::string_view group);

std::string encode(const Schedule& schedule);
Result<Schedule> decode_schedule(const ScheduleName& name, std::string_view json);  // corruption
std::string encode(const Group& group);
Result<Group> decode_group(const Scope& scope, std::string_view name, std::string_view json);  // corruption

}  // namespace millrace::schedule
