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
// After replay().
Result<Recovered> recover(const Database& database);

}  // namespace millrace::table::engine
