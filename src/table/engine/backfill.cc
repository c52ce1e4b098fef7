// Filling a new index (or the expiry entries, which are filled the same way) while writes go on.
//
// The items are taken in the order of their places, some hundred a commit; how far that got is kept in the same commit.
// A write before that mark keeps the index as always; a write beyond it leaves the index alone, the back-fill will come
// by and find what is stored then. So every item is put in exactly once, and sizes are right at every moment.
//
// The piece is read once beforehand from the last view, so that the committer finds it in the cache.
#include "src/io/clock.h"
#include "src/table/engine/background.h"

namespace millrace::table::engine {
namespace {

constexpr size_t piece_items = 256;
constexpr size_t piece_bytes = 256 << 10;

// Visits items after `filled_to`, at most a piece of them, as of `snapshot`. True where the table ended.
Result<bool> walk_piece(const Database& database, uint32_t data_id, const std::string& filled_to,
                        const rocksdb::Snapshot* snapshot,
                        const std::function<Status(std::string_view place, std::string_view bytes)>& visit) {
    const std::string begin = id_prefix(data_id) + filled_to + (filled_to.empty() ? "" : std::string(1, '\0'));
    const std::string end = successor(id_prefix(data_id));
    const rocksdb::Slice from = slice_of(begin), to = slice_of(end);
    const auto cursor = database.walk(Family::items, &from, &to, snapshot);
    size_t items = 0, bytes = 0;
    for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) {
        if (items >= piece_items || bytes >= piece_bytes) return false;
        ++items;
        bytes += cursor->value().size();
        TRY(visit(place_of(cursor->key().ToStringView()), cursor->value().ToStringView()));
    }
    if (!cursor->status().ok()) return error_of(cursor->status(), "cannot read a table");
    return true;
}

struct Target {
    TableRuntime* table;
    FilledTo* filled_to;
    size_t index;  // npos: expiry entries
};

Target find_target(CommitterState& state, uint64_t table_id, uint32_t id) {
    const auto found = state.tables.find(table_id);
    if (found == state.tables.end()) return {};
    TableRuntime& table = found->second;
    if (table.definition->ttl_id == id) return {&table, &table.expiry_filled_to, std::string::npos};
    for (size_t i = 0; i < table.indexes.size(); ++i) {
        if (table.definition->indexes[i].id == id) return {&table, &table.indexes[i].filled_to, i};
    }
    return {};
}

Status fill_piece(Commit& commit, uint64_t table_id, uint32_t id) {
    const Target target = find_target(commit.state(), table_id, id);
    if (target.table == nullptr || !*target.filled_to) return {};  // removed meanwhile
    std::string last = **target.filled_to;
    struct Found {
        std::string place;
        StoredItem bytes;
        Item item;
    };
    std::vector<Found> found;
    TRY_ASSIGN(const bool ended,
               walk_piece(commit.database(), target.table->definition->data_id, last, nullptr,
                          [&](std::string_view place, std::string_view bytes) -> Status {
                              StoredItem stored{std::string(bytes)};
                              TRY_ASSIGN(Item item, stored.item());
                              found.push_back({std::string(place), std::move(stored), std::move(item)});
                              return {};
                          }));
    for (const Found& one : found) {
        if (target.index == std::string::npos) {
            commit.add_expiry_entry(*target.table, one.item, one.place);
        } else {
            commit.add_index_entry(*target.table, target.index, one.item, one.bytes.bytes());
        }
    }
    if (ended) {
        target.filled_to->reset();
        commit.erase(Family::meta, meta_key('b', id));
    } else {
        *target.filled_to = found.back().place;
        commit.put(Family::meta, meta_key('b', id), found.back().place);
    }
    return {};
}

}  // namespace

bool Background::fill_indexes() {
    bool more = false;
    for (const TableRef& table : definitions_.all()) {
        for (const Index& index : table->indexes) {
            if (index.backfilling && index.state != IndexState::deleting) more |= fill_some(table, index.id);
        }
        if (table->ttl_id != 0) more |= fill_some(table, table->ttl_id);
    }
    return more;
}

bool Background::fill_some(const TableRef& table, uint32_t id) {
    const auto view = committer_.view();
    const auto filled_to = database_.read(Family::meta, meta_key('b', id), view->snapshot());
    if (!filled_to || !*filled_to) return false;
    const auto warm = [](std::string_view, std::string_view) -> Status { return {}; };
    if (!walk_piece(database_, table->data_id, **filled_to, view->snapshot(), warm)) return false;
    const Status filled = committer_.maintain([&](Commit& commit) { return fill_piece(commit, table->id, id); });
    return filled.ok();
}

void Background::finish_indexes() {
    const auto view = committer_.view();
    for (const TableRef& table : definitions_.all()) {
        for (const Index& index : table->indexes) {
            const bool deleting = index.state == IndexState::deleting;
            if (!deleting && !index.backfilling) continue;
            if (!deleting) {
                const auto filled_to = database_.read(Family::meta, meta_key('b', index.id), view->snapshot());
                if (!filled_to || *filled_to) continue;
            }
            static_cast<void>(definitions_.update(table->scope, table->name, [&](TableDefinition* now) -> Status {
                if (now->id != table->id) return Error{ErrorCode::not_found, "another table of this name"};
                if (deleting) {
                    std::erase_if(now->indexes, [&](const Index& one) { return one.id == index.id; });
                    return {};
                }
                for (Index& one : now->indexes) {
                    if (one.id != index.id || one.state == IndexState::deleting) continue;
                    one.state = IndexState::active;
                    one.backfilling = false;
                }
                return {};
            }));
        }
    }
}

}  // namespace millrace::table::engine
