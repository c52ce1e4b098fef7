// The definition of a stream, shared by the service that creates streams and by everything that reads them: which
// shards it has, which part of the hash space each owns, and under which key the log keeps each.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/named.h"
#include "src/base/result.h"
#include "src/base/scope.h"

namespace millrace::catalog {

class Registry;

// A place in the 128-bit hash space, as Kinesis's MD5 of the partition key gives it; shown in decimal.
struct HashKey {
    uint64_t high = 0;
    uint64_t low = 0;
    auto operator<=>(const HashKey&) const = default;
};

struct Shard {
    std::string id;         // "shardId-000000000000"
    uint64_t log_key = 0;   // log::ShardKey
    HashKey hash_first;     // inclusive
    HashKey hash_last;      // inclusive
    std::string parent_id;  // of the shard that was split, or of the first of two that were merged; "" where none
    std::string adjacent_parent_id;  // of the second
    TimestampMs created;
    uint64_t position_first = 0;  // the log position its sequence numbers begin at
    // Split or merged away: takes no new puts. Those under way may still be added, until position_last says that it is
    // closed: nothing comes after it.
    bool closing = false;
    std::optional<uint64_t> position_last;
    TimestampMs closed;  // when; 0 while open

    bool takes_records() const { return !closing && !position_last; }
};

struct Stream {
    Scope scope;
    std::string name;
    uint64_t incarnation = 0;  // differs when a name is used again, so that old checkpoints and iterators do not match
    bool on_demand = false;
    int retention_hours = 24;
    int record_kib_max = 1024;  // data and key of one record
    TimestampMs created;
    std::vector<Shard> shards;
    std::map<std::string, std::string> tags;
    bool deleting = false;
};

// "arn:aws:kinesis:us-east-1:000000000000:stream/orders"
std::string arn_of(const Stream& stream);

constexpr std::string_view stream_kind = "kinesis.stream";  // in the Registry, by scope and name

// Versioned JSON, as the Registry keeps it. corruption where it does not parse.
std::string encode_stream(const Stream& stream);
Result<Stream> decode_stream(const Scope& scope, std::string_view json);
// not_found where there is none of that name.
Result<Stream> find_stream(Registry& registry, const Scope& scope, std::string_view name);

}  // namespace millrace::catalog
