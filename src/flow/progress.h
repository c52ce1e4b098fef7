// What a delivery remembers across restarts: one value in the ordered store, so that every change of it is one write.
//
//   key    "flow/progress/" + the delivery's id in 16 hexadecimal digits
//   value  JSON: {"format":1, "shards":[[log key, position]...]}
//
// It moves in the same atomic write that makes a batch's objects visible (object::Store::commit_together), so a batch
// is delivered whole and counted as delivered, or neither: no crash repeats or loses one. (Earlier versions kept an
// "intent" here, for objects that became visible one by one; it is passed over.)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/base/named.h"
#include "src/base/result.h"
#include "src/log/log.h"

namespace millrace::table {
class KeyValueStore;
class WriteBatch;
}  // namespace millrace::table

namespace millrace::flow {

struct ShardProgress {
    log::ShardKey shard;
    log::Position next;  // everything below is delivered
    bool operator==(const ShardProgress&) const = default;
};

struct Progress {
    std::vector<ShardProgress> shards;
    bool operator==(const Progress&) const = default;
};

std::string encode(const Progress& progress);
Result<Progress> decode_progress(std::string_view json);  // corruption

// Durable on return. load: an empty Progress where there is none.
Result<Progress> load_progress(table::KeyValueStore& store, uint64_t delivery_id);
// What save_progress() writes, for a larger write.
void put_progress(table::WriteBatch* batch, uint64_t delivery_id, const Progress& progress);
Status save_progress(table::KeyValueStore& store, uint64_t delivery_id, const Progress& progress);
Status erase_progress(table::KeyValueStore& store, uint64_t delivery_id);

}  // namespace millrace::flow
