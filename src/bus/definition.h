// What users have made of buses: definitions, as they are kept in the registry (versioned JSON; definition_codec.cc).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/named.h"
#include "src/base/result.h"
#include "src/base/scope.h"

namespace millrace::bus {

constexpr std::string_view bus_kind = "events.bus";          // by scope and name
constexpr std::string_view rule_kind = "events.rule";        // by scope and "BUS/RULE"
constexpr std::string_view archive_kind = "events.archive";  // by scope and name
constexpr std::string_view replay_kind = "events.replay";    // by scope and name
constexpr std::string_view gone_kind = "events.gone";        // shards of buses that are being deleted, by key
constexpr std::string_view default_bus = "default";          // every scope has it, from its first use on

struct BusDefinition {
    Scope scope;
    std::string name;
    uint64_t id = 0;       // ours, never used again: of what the bus keeps in the store
    uint64_t log_key = 0;  // log::ShardKey of its events
    std::string description;
    std::string dead_letter_arn;
    std::string policy;  // IAM's JSON, as PutPermission makes it; "" where there is none
    TimestampMs created, modified;
};

struct HttpFields {  // values may be JSON paths into the event ("$.detail.id")
    std::vector<std::string> path_values;
    std::map<std::string, std::string> headers, query;
};

struct TargetDefinition {
    std::string id, arn, role;
    uint64_t uid = 0;  // ours, never used again
    std::optional<std::string> input, input_path;
    std::optional<std::string> input_template;  // and with it...
    std::map<std::string, std::string> input_paths;
    std::optional<std::string> partition_key_path;
    std::optional<HttpFields> http;
    std::string dead_letter_arn;
    std::optional<int> retries_max;  // absent: AWS's default, 185...
    std::optional<int> age_s_max;    // ...and a day
};

enum class RuleState : uint8_t { enabled, disabled, enabled_with_management };

struct RuleDefinition {
    Scope scope;
    std::string bus, name;
    uint64_t uid = 0;  // ours, never used again
    std::string pattern, schedule, description, role;
    RuleState state = RuleState::enabled;
    // Events before this place of the bus's log are none of its business: where the log ended when the rule was made,
    // or was last enabled.
    uint64_t from_position = 0;
    TimestampMs created;
    TimestampMs scheduled_from;  // its schedule is due after this: made, changed or enabled then
    std::vector<TargetDefinition> targets;
};

struct ArchiveDefinition {
    Scope scope;
    std::string name, bus, description, pattern;
    uint64_t id = 0;
    int retention_days = 0;  // 0: for ever
    TimestampMs created;
    uint64_t from_position = 0;
};

enum class ReplayState : uint8_t { starting, running, cancelling, completed, cancelled, failed };

struct ReplayDefinition {
    Scope scope;
    std::string name, archive, bus, description;
    std::vector<std::string> rules;  // names; empty: every rule
    TimestampMs first, last;         // of the events' times: [first, last)
    ReplayState state = ReplayState::starting;
    std::string reason;
    TimestampMs started, ended;  // ended: 0 until then
    TimestampMs replayed_until;  // time of the last event that was replayed; 0 before
    std::string cursor;          // the archive's key after which it goes on
    uint64_t wait_for = 0;       // the archive has to have read the bus's log up to here
};

std::string arn_of(const BusDefinition& bus);  // ...:event-bus/NAME
std::string bus_arn(const Scope& scope, std::string_view name);
std::string arn_of(const RuleDefinition& rule);        // ...:rule/NAME, or rule/BUS/NAME
std::string arn_of(const ArchiveDefinition& archive);  // ...:archive/NAME
std::string arn_of(const ReplayDefinition& replay);    // ...:replay/NAME

std::string encode(const BusDefinition& bus);
std::string encode(const RuleDefinition& rule);
std::string encode(const ArchiveDefinition& archive);
std::string encode(const ReplayDefinition& replay);
// corruption.
Result<BusDefinition> decode_bus(const Scope& scope, std::string_view json);
Result<RuleDefinition> decode_rule(const Scope& scope, std::string_view json);
Result<ArchiveDefinition> decode_archive(const Scope& scope, std::string_view json);
Result<ReplayDefinition> decode_replay(const Scope& scope, std::string_view json);

}  // namespace millrace::bus
