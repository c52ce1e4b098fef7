// What a new definition means for what is stored: carried out inside a commit.
#pragma once

#include "src/table/engine/commit.h"

namespace millrace::table::engine {

// `before` null: a new table. Indexes and TTL that `before` did not have are back-filled, those that `after` does not
// have any more become garbage, as do streams.
struct DefinitionChange {
    TableRef before;
    TableRef after;
    std::unordered_map<uint32_t, std::shared_ptr<Counter>> sizes;  // of after's data and indexes
    std::shared_ptr<std::atomic<uint64_t>> sweep_from;
    uint64_t next_id = 0;
};
void apply_definition(Commit& commit, const DefinitionChange& change);
// Its items, indexes and history become garbage; the definition is kept for its streams.
void apply_removal(Commit& commit, const TableDefinition& definition, TimestampMs now);
bool has_streams(const TableDefinition& definition);
void apply_forgetting(Commit& commit, const TableDefinition& removed);

}  // namespace millrace::table::engine
