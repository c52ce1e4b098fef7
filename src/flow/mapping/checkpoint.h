// What a mapping remembers across restarts, in the ordered store: a value a shard, so that a batch costs one small
// write however many shards there are.
//
//   flow/mapping/UUID/                       {"format":1, "lanes":4, "rewinds":0}
//   flow/mapping/UUID/SHARD                  {"format":1, "id":"shardId-...", "lanes":[position...], "finished":false}
//   flow/mapping/UUID/SHARD/LANE             {"format":1, "start":ms, "state":"{...}", "early":false}   an open window
//
// SHARD is the shard's key in 16 hexadecimal digits, LANE two decimal ones. A lane has the records whose order hash
// falls into it; all of its records below its position are done. A batch's position, and the window that it changed,
// move in one write.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/flow/mapping/source.h"

namespace millrace::table {
class KeyValueStore;
class WriteBatch;
}  // namespace millrace::table

namespace millrace::flow::mapping {

struct Window {
    TimestampMs start;
    std::string state = "{}";  // JSON, as the function last returned it
    bool early = false;        // the state grew over its limit: the window is to end now
    bool operator==(const Window&) const = default;
};

struct LaneCheckpoint {
    Position done;
    std::optional<Window> window;
    bool operator==(const LaneCheckpoint&) const = default;
};

struct ShardCheckpoint {
    std::string id;
    std::vector<LaneCheckpoint> lanes;
    bool finished = false;  // closed, and all of it is done: its children may begin
    bool operator==(const ShardCheckpoint&) const = default;
};

struct Checkpoint {
    uint32_t lanes = 0;    // a shard; 0: there is no checkpoint
    uint64_t rewinds = 0;  // the last one that was carried out
    std::map<ShardKey, ShardCheckpoint> shards;
};

// corruption where a value does not parse.
Result<Checkpoint> load_checkpoint(table::KeyValueStore& store, std::string_view uuid);
// Into one batch with what else is to move at the same moment. `lane`: only that one's window has changed.
void put_head(const Checkpoint& checkpoint, std::string_view uuid, table::WriteBatch* out);
void put_shard(ShardKey key, const ShardCheckpoint& shard, std::optional<uint32_t> lane, std::string_view uuid,
               table::WriteBatch* out);
void erase_shard(ShardKey key, std::string_view uuid, table::WriteBatch* out);
// Durable on return: all that is kept of the mapping becomes `checkpoint`.
Status replace_checkpoint(table::KeyValueStore& store, std::string_view uuid, const Checkpoint& checkpoint);
Status erase_checkpoint(table::KeyValueStore& store, std::string_view uuid);

}  // namespace millrace::flow::mapping
