// What the ordered store holds of schedules. TIME is milliseconds since 1970 in 16 hexadecimal digits, so that what is
// due first comes first; ID is ACCOUNT/REGION/GROUP/NAME, none of which can hold a '/'.
//
//   schedule/group/ACCOUNT/REGION/NAME   a group's JSON (definition_codec.cc)
//   schedule/def/ID                      a schedule's JSON (the same)
//   schedule/next/ID                     TIME: when it is due next; absent: never, or it is disabled
//   schedule/due/TIME/ID                 "": the same, by time
//   schedule/run/TIME/RUN/ID             a run that is recorded and not done, at the time of its next attempt (run.h);
//                                        RUN is 16 hexadecimal digits of chance
//
// next and due move together, in the write that records the run: a kill leaves a schedule due, or its run recorded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/schedule/definition.h"

namespace millrace::schedule::keys {

inline constexpr std::string_view groups = "schedule/group/";
inline constexpr std::string_view definitions = "schedule/def/";
inline constexpr std::string_view due = "schedule/due/";
inline constexpr std::string_view runs = "schedule/run/";

std::string time_text(TimestampMs time);  // negative times count as 0
std::optional<TimestampMs> parse_time(std::string_view text);

std::string id_of(const ScheduleName& name);
std::optional<ScheduleName> parse_id(std::string_view id);

std::string scope_prefix(std::string_view first, const Scope& scope);  // FIRST ACCOUNT/REGION/
std::string group_key(const Scope& scope, std::string_view name);
std::string definition_key(const ScheduleName& name);
std::string next_key(const ScheduleName& name);
std::string due_key(TimestampMs time, const ScheduleName& name);
std::string run_key(TimestampMs time, std::string_view run, const ScheduleName& name);

// The parts of a due or run key behind its first; nullopt where it is none.
struct DueKey {
    TimestampMs time;
    ScheduleName name;
};
std::optional<DueKey> parse_due(std::string_view key);
struct RunKey {
    TimestampMs time;
    std::string run;
    ScheduleName name;
};
std::optional<RunKey> parse_run(std::string_view key);

}  // namespace millrace::schedule::keys
