#include "src/table/engine/definition_change.h"

#include <algorithm>

#include "src/table/engine/definition_codec.h"

namespace millrace::table::engine {
namespace {

void make_garbage(Commit& commit, Family family, const std::string& prefix) {
    commit.put(Family::meta, garbage_key(family, prefix), "");
}

void drop_index(Commit& commit, uint32_t id) {
    make_garbage(commit, Family::indexes, id_prefix(id));
    commit.erase(Family::meta, meta_key('c', id));
    commit.erase(Family::meta, meta_key('b', id));
}

void drop_stream(Commit& commit, uint64_t id) {
    std::string prefix;
    append_u64(id, &prefix);
    make_garbage(commit, Family::changes, prefix);
    commit.erase(Family::meta, meta_key('h', id));
}

std::vector<uint64_t> streams_of(const TableDefinition& definition) {
    std::vector<uint64_t> ids;
    if (definition.stream) ids.push_back(definition.stream->id);
    for (const ChangeStream& stream : definition.old_streams) ids.push_back(stream.id);
    if (definition.copied_stream) ids.push_back(definition.copied_stream->id);
    return ids;
}

template <class T>
bool contains(const std::vector<T>& all, const T& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

void apply_streams(Commit& commit, const TableDefinition* before, const TableDefinition& after) {
    const auto old_ids = before != nullptr ? streams_of(*before) : std::vector<uint64_t>();
    const auto new_ids = streams_of(after);
    for (const uint64_t id : old_ids) {
        if (!contains(new_ids, id)) drop_stream(commit, id);
    }
    for (const uint64_t id : new_ids) {
        if (contains(old_ids, id)) continue;
        std::string first;
        append_u64(commit.state().next_sequence, &first);
        commit.put(Family::meta, meta_key('h', id), first);
    }
}

void apply_indexes(Commit& commit, const DefinitionChange& change, const TableRuntime& old, TableRuntime* table) {
    const TableDefinition& after = *change.after;
    for (const Index& index : after.indexes) {
        IndexRuntime runtime{change.sizes.at(index.id), std::nullopt};
        bool is_new = change.before != nullptr;  // of a new table nothing has to be filled in
        if (change.before) {
            for (size_t i = 0; i < change.before->indexes.size(); ++i) {
                if (change.before->indexes[i].id != index.id) continue;
                runtime.filled_to = old.indexes[i].filled_to;
                is_new = false;
            }
        }
        if (is_new) {
            runtime.filled_to = "";
            commit.put(Family::meta, meta_key('b', index.id), "");
        }
        table->indexes.push_back(std::move(runtime));
    }
    if (!change.before) return;
    for (const Index& index : change.before->indexes) {
        const bool kept = std::any_of(after.indexes.begin(), after.indexes.end(),
                                      [&](const Index& other) { return other.id == index.id; });
        if (!kept) drop_index(commit, index.id);
    }
}

void apply_ttl(Commit& commit, const DefinitionChange& change, const TableRuntime& old, TableRuntime* table) {
    const uint32_t before = change.before ? change.before->ttl_id : 0;
    const uint32_t after = change.after->ttl_id;
    table->sweep_from = change.sweep_from;
    if (before == after) {
        table->expiry_filled_to = old.expiry_filled_to;
        return;
    }
    if (before != 0) drop_index(commit, before);
    if (after != 0 && change.before) {
        table->expiry_filled_to = "";
        commit.put(Family::meta, meta_key('b', after), "");
    }
}

}  // namespace

void apply_definition(Commit& commit, const DefinitionChange& change) {
    const TableDefinition& after = *change.after;
    const TableRuntime old = std::move(commit.state().tables[after.id]);
    TableRuntime table;
    table.definition = change.after;
    table.size = change.sizes.at(after.data_id);
    apply_indexes(commit, change, old, &table);
    apply_ttl(commit, change, old, &table);
    apply_streams(commit, change.before.get(), after);
    if (change.before && change.before->history && !after.history) {
        commit.erase_prefix(Family::history, id_prefix(after.data_id));
    }
    std::string next_id;
    append_u64(change.next_id, &next_id);
    commit.put(Family::meta, meta_key('n'), next_id);
    commit.put(Family::meta, meta_key('d', after.id), encode_definition(after));
    commit.state().tables[after.id] = std::move(table);
}

void apply_removal(Commit& commit, const TableDefinition& definition, TimestampMs now) {
    commit.state().tables.erase(definition.id);
    commit.erase(Family::meta, meta_key('d', definition.id));
    if (has_streams(definition)) {
        std::string kept;
        append_u64(static_cast<uint64_t>(now.value()), &kept);
        commit.put(Family::meta, meta_key('r', definition.id), kept + encode_definition(definition));
    }
    make_garbage(commit, Family::items, id_prefix(definition.data_id));
    make_garbage(commit, Family::history, id_prefix(definition.data_id));
    commit.erase(Family::meta, meta_key('c', definition.data_id));
    for (const Index& index : definition.indexes) drop_index(commit, index.id);
    if (definition.ttl_id != 0) drop_index(commit, definition.ttl_id);
}

bool has_streams(const TableDefinition& definition) {
    return !streams_of(definition).empty();
}

void apply_forgetting(Commit& commit, const TableDefinition& removed) {
    commit.erase(Family::meta, meta_key('r', removed.id));
    for (const uint64_t id : streams_of(removed)) drop_stream(commit, id);
}

}  // namespace millrace::table::engine
