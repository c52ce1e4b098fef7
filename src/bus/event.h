// An event as buses keep and hand it on: AWS's envelope, one line of JSON.
//
//   {"version":"0","id":"6a7e8feb-...","detail-type":"Order placed","source":"shop","account":"000000000000",
//    "time":"2026-11-21T13:04:27Z","region":"us-east-1","resources":[],"detail":{...}}
//
// Replayed events have "replay-name" after "version". In the log a record's data is the event, and its partition key
// says where it comes from (Origin): "" for what clients put.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "src/base/named.h"
#include "src/base/scope.h"

namespace millrace::bus {

struct EventFields {
    std::string_view id, detail_type, source;
    TimestampMs time;
    std::span<const std::string_view> resources;
    std::string_view detail;  // a JSON object, of compact_detail's making
};
// `scope`: account and region of who put it.
void append_event(const EventFields& fields, const Scope& scope, std::string* out);

// Takes the blanks out of a detail. False where it is no JSON object, or nested deeper than patterns look (AWS: 1,000
// levels; here 100).
bool compact_detail(std::string_view detail, std::string* out);

// A random UUID (version 4), lower case. Not secret.
std::string make_event_id();

struct Origin {
    bool forwarded = false;  // came from another bus: goes to no third one, as in AWS
    std::string replay;      // name of the replay that put it again
    std::string rule;        // a schedule's: for the rule of this name alone
};
// At most 200 bytes.
std::string encode(const Origin& origin);
Origin decode_origin(std::string_view text);

// The event with "replay-name". `event` is of append_event's making.
std::string with_replay_name(std::string_view event, std::string_view replay);

// The text of a member of the event's top level that append_event wrote before `detail` and that needed no escapes (id,
// time); "" where it is absent.
std::string_view member_of(std::string_view event, std::string_view name);
// Its "time"; nullopt where there is none.
std::optional<TimestampMs> time_of(std::string_view event);

}  // namespace millrace::bus
