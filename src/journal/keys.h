// What lies in the journal's RocksDB. Numbers are big-endian, times with their sign bit turned, so that byte order is
// order. Values are version 1 (a first byte) and the fields in the order below; text is a 4-byte length and bytes.
//
//   key                                            value
//   'G' account '\0' region '\0' name              id, created, retention days (0: none), tags
//   'C'                                            next id (groups and streams share them), next arrival
//   'S' group-id name                              id, flags, created, first, last, ingested
//   'E' group-id time arrival                      stream-id, ingested, stream name, message
//   'I' group-id stream-id time arrival            -
//   'B' group-id minute                            bytes of the group's events in that minute
//
// A put writes E, I, B, S and C in one batch. A group's E, I and B rows are gone by one range delete each; a minute's
// by one for E and one a stream for I.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/base/scope.h"
#include "src/journal/journal.h"

namespace millrace::journal {

constexpr char counters_key[] = "C";
constexpr int64_t minute_ms = 60'000;

// A minute as time / 60,000, rounded down.
int64_t minute_of(int64_t time_ms);

std::string group_key(const Scope& scope, std::string_view name);
std::string stream_key(uint64_t group, std::string_view name);
std::string event_key(uint64_t group, Position position);
std::string index_key(uint64_t group, uint64_t stream, Position position);
std::string minute_key(uint64_t group, int64_t minute);
// All of a group's rows of a kind lie in [rows_of, rows_end).
std::string rows_of(char kind, uint64_t group);
std::string rows_end(char kind, uint64_t group);

// The position at the end of an event's or index entry's key, and the minute at the end of a minute's.
Position position_in(std::string_view key);
int64_t minute_in(std::string_view key);
bool take_group_key(std::string_view key, Scope& scope, std::string& name);
std::string_view stream_name_in(std::string_view key);

struct GroupRecord {
    uint64_t id = 0;
    TimestampMs created;
    std::optional<int32_t> retention_days;
    std::map<std::string, std::string> tags;
};
struct StreamRecord {
    uint64_t id = 0;
    bool own = false;  // made by the server's own writers
    TimestampMs created;
    std::optional<TimestampMs> first, last, ingested;
};
struct EventRecord {
    uint64_t stream = 0;
    TimestampMs ingested;
    std::string_view stream_name;  // into the value
    std::string_view message;
};
struct Counters {
    uint64_t next_id = 1;
    uint64_t next_arrival = 1;
};

std::string encode(const GroupRecord& record);
std::string encode(const StreamRecord& record);
std::string encode(const EventRecord& record);
std::string encode(const Counters& counters);
std::string encode_bytes(int64_t bytes);
// corruption where the bytes are not of the grammar.
Status decode(std::string_view value, GroupRecord& record);
Status decode(std::string_view value, StreamRecord& record);
Status decode(std::string_view value, EventRecord& record);
Status decode(std::string_view value, Counters& counters);
Status decode_bytes(std::string_view value, int64_t& bytes);

}  // namespace millrace::journal
