// What a start reads back: definitions, sizes, back-fills, numbers.
#pragma once

#include <map>

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
Result<Recovered> recover(const Database& database);

}  // namespace millrace::table::engine
