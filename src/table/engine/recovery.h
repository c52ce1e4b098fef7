// What a start reads back: the commits that are in no table file yet, then definitions, sizes, back-fills, numbers.
#pragma once

#include <map>

#include "src/table/engine/commit_log.h"
#include "src/table/engine/database.h"
#include "src/table/engine/runtime.h"

namespace millrace::table::engine {

struct RemovedTable {
    TableRef definition;  // every stream is off
    TimestampMs removed;
};

struct Recovered {
    CommitterState state;
    uint64_t next_id = 1;
    std::map<uint64_t, RemovedTable> removed;  // by id
};

// The number of the newest commit that is in table files, and with it all before: families are flushed together.
Result<uint64_t> flushed_number(const Database& database);
// Hands the database what the log has beyond that. corruption where the log lacks a commit.
Status replay(const Database& database, CommitLog& log);
// Of the changes that were lost, some may have been read: none that comes after may have their sequence numbers.
constexpr uint64_t sequences_lost_max = uint64_t{1} << 32;

// The newest commit is `number`, in table files: whatever the log still holds up to it is none of theirs, and no start
// may take it for what comes next. The next change's sequence number is so much higher than it would have been.
Status go_on_after(const Database& database, uint64_t number, uint64_t sequences_left_out);
// After replay().
Result<Recovered> recover(const Database& database);

}  // namespace millrace::table::engine
