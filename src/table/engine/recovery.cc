#include "src/table/engine/recovery.h"

#include <cstdio>

#include <rocksdb/write_batch.h>

#include "src/table/engine/definition_codec.h"
#include "src/table/engine/older_tables.h"

namespace millrace::table::engine {
namespace {

Result<std::shared_ptr<Counter>> read_counter(const Database& database, uint32_t id) {
    auto counter = std::make_shared<Counter>();
    TRY_ASSIGN(const auto saved, database.read(Family::meta, meta_key('c', id), nullptr));
    if (saved && saved->size() >= 16) {
        counter->items = read_u64(*saved);
        counter->bytes = read_u64(std::string_view(*saved).substr(8));
        if (saved->size() >= 24) counter->uncounted = read_u64(std::string_view(*saved).substr(16));
    }
    return counter;
}

Result<TableRuntime> read_runtime(const Database& database, TableDefinition definition) {
    TableRuntime table;
    TRY_ASSIGN(table.size, read_counter(database, definition.data_id));
    for (const Index& index : definition.indexes) {
        IndexRuntime runtime;
        TRY_ASSIGN(runtime.size, read_counter(database, index.id));
        TRY_ASSIGN(runtime.filled_to, database.read(Family::meta, meta_key('b', index.id), nullptr));
        table.indexes.push_back(std::move(runtime));
    }
    if (definition.ttl_id != 0) {
        TRY_ASSIGN(table.expiry_filled_to, database.read(Family::meta, meta_key('b', definition.ttl_id), nullptr));
    }
    table.definition = std::make_shared<const TableDefinition>(std::move(definition));
    return table;
}

// Each value under keys of this kind.
Status each(const Database& database, char kind, const std::function<Status(std::string_view)>& take) {
    const std::string begin = meta_key(kind), end = successor(begin);
    const rocksdb::Slice from = slice_of(begin), to = slice_of(end);
    const auto cursor = database.walk(Family::meta, &from, &to, nullptr);
    for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) TRY(take(cursor->value().ToStringView()));
    if (!cursor->status().ok()) return error_of(cursor->status(), "cannot read the tables' definitions");
    return {};
}

// The number of the commit that wrote this `s`.
uint64_t number_in(const std::optional<std::string>& newest) {
    return newest && newest->size() >= 24 ? read_u64(std::string_view(*newest).substr(16)) : 0;
}

}  // namespace

Status go_on_after(const Database& database, uint64_t number, uint64_t sequences_left_out) {
    TRY_ASSIGN(const auto newest, database.read(Family::meta, meta_key('s'), nullptr));
    const bool is_there = newest && newest->size() >= 16;
    std::string value;
    append_u64((is_there ? read_u64(*newest) : CommitterState().next_sequence) + sequences_left_out, &value);
    append_u64(is_there ? read_u64(std::string_view(*newest).substr(8)) : 0, &value);
    append_u64(number, &value);
    rocksdb::WriteBatch batch;
    MILLRACE_CHECK(batch.Put(database.family(Family::meta), slice_of(meta_key('s')), slice_of(value)).ok());
    TRY(database.write(batch));
    return database.flush();
}

Result<uint64_t> flushed_number(const Database& database) {
    TRY_ASSIGN(const auto newest, database.read_flushed(Family::meta, meta_key('s')));
    return number_in(newest);
}

Status replay(const Database& database, CommitLog& log) {
    TRY_ASSIGN(const bool older, is_of_older(database));
    if (older) return take_over(database, log);
    TRY_ASSIGN(const uint64_t flushed, flushed_number(database));
    TRY_ASSIGN(const CommitLog::Replayed replayed, log.replay(flushed, [&](std::string_view batch) -> Status {
        rocksdb::WriteBatch writes((std::string(batch)));
        return database.write(writes);
    }));
    if (!replayed.lost) return {};
    std::fprintf(stderr, "millrace: tables go on without writes that were not on the disk when the power went: %s\n",
                 replayed.lost->message.c_str());
    return go_on_after(database, replayed.newest, sequences_lost_max);
}

Result<Recovered> recover(const Database& database) {
    Recovered recovered;
    TRY_ASSIGN(const auto next_id, database.read(Family::meta, meta_key('n'), nullptr));
    if (next_id) recovered.next_id = read_u64(*next_id);
    TRY_ASSIGN(const auto newest, database.read(Family::meta, meta_key('s'), nullptr));
    if (newest && newest->size() >= 16) {
        recovered.state.next_sequence = read_u64(*newest);
        recovered.state.last_time_ms = static_cast<int64_t>(read_u64(std::string_view(*newest).substr(8)));
    }
    recovered.state.logged = number_in(newest);
    TRY(each(database, 'd', [&](std::string_view value) -> Status {
        TRY_ASSIGN(TableDefinition definition, decode_definition(value));
        const uint64_t id = definition.id;
        TRY_ASSIGN(recovered.state.tables[id], read_runtime(database, std::move(definition)));
        return {};
    }));
    TRY(each(database, 'r', [&](std::string_view value) -> Status {
        if (value.size() < 8) return Error{ErrorCode::corruption, "a removed table's definition is damaged"};
        TRY_ASSIGN(TableDefinition definition, decode_definition(value.substr(8)));
        const uint64_t id = definition.id;
        recovered.removed[id] = {std::make_shared<const TableDefinition>(std::move(definition)),
                                 TimestampMs(static_cast<int64_t>(read_u64(value)))};
        return {};
    }));
    return recovered;
}

}  // namespace millrace::table::engine
