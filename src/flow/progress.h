// What a delivery remembers across restarts: one value in the ordered store, so that every change of it is one write.
//
//   key    "flow/progress/" + the delivery's id in 16 hexadecimal digits
//   value  JSON: {"format":1, "shards":[[log key, position]...], "intent":{...} or absent}
//
// A batch goes through it so:
//   1. the objects' bytes are complete, and nobody sees them
//   2. save(intent)    the keys of its objects, and the positions it reaches
//   3. commit          each object becomes visible, one after the other
//   4. save(advanced)  positions moved, intent gone
// A crash before 2 leaves no trace. After it, the intent tells what to ask the object store: where no object of the
// batch is visible, the intent is dropped and the batch is taken again from the log; where all are, step 4 is done;
// where some are, the batch is made again from the log, and those that are missing are committed.
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
}

namespace millrace::flow {

struct ShardProgress {
    log::ShardKey shard;
    log::Position next;  // everything below is delivered
    bool operator==(const ShardProgress&) const = default;
};

struct Intent {
    std::string bucket;
    std::string data_key;   // "" where the batch has no such object
    std::string error_key;  //
    TimestampMs oldest;
    uint64_t version = 0;                // of the definition that it was made by
    uint64_t table_version = 0;          // of the schema, with conversion
    std::vector<ShardProgress> reaches;  // the positions when it is delivered
    bool operator==(const Intent&) const = default;
};

struct Progress {
    std::vector<ShardProgress> shards;
    std::optional<Intent> intent;
    bool operator==(const Progress&) const = default;
};

std::string encode(const Progress& progress);
Result<Progress> decode_progress(std::string_view json);  // corruption

// Durable on return. load: an empty Progress where there is none.
Result<Progress> load_progress(table::KeyValueStore& store, uint64_t delivery_id);
Status save_progress(table::KeyValueStore& store, uint64_t delivery_id, const Progress& progress);
Status erase_progress(table::KeyValueStore& store, uint64_t delivery_id);

}  // namespace millrace::flow
