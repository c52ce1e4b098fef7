// Counting the tables that took writes without a look at what they replaced (PreparedWrite::weight): all items as of
// one moment. What was thought of the size at that moment is then corrected by what was found; writes since keep their
// say.
#include <algorithm>

#include "src/io/clock.h"
#include "src/table/engine/background.h"
#include "src/table/value/item_codec.h"

namespace millrace::table::engine {
namespace {

constexpr uint64_t items_between_looks = 4096;  // at whether the engine is stopping

}  // namespace

void Background::recount_tables() {
    const int64_t now_ns = clock_.monotonic_ns();
    const std::vector<TableRef> tables = definitions_.all();
    for (const TableRef& table : tables) {
        const auto size = definitions_.counter(*table);
        if (!size || size->uncounted.load(std::memory_order_relaxed) == 0) {
            next_count_ns_.erase(table->id);
            continue;
        }
        const int64_t later_ns = now_ns + options_.recount_ms * 1'000'000;
        int64_t& due_ns = next_count_ns_.emplace(table->id, later_ns).first->second;
        if (now_ns < due_ns) continue;
        due_ns = later_ns;  // also where it fails: a damaged block stays damaged
        recount(table);
        if (stopping()) return;
    }
    std::erase_if(next_count_ns_, [&](const auto& one) {
        return std::none_of(tables.begin(), tables.end(), [&](const TableRef& t) { return t->id == one.first; });
    });
}

void Background::recount(const TableRef& table) {
    CountedSize then;
    std::unique_ptr<const View> view;
    const Status taken = committer_.maintain([&](Commit& commit) -> Status {
        const CommitterState& state = commit.state();
        const auto found = state.tables.find(table->id);
        if (found == state.tables.end()) return Error{ErrorCode::not_found, "the table is gone"};
        const Counter& size = *found->second.size;
        then = {size.items.load(), size.bytes.load(), size.uncounted.load()};
        view = std::make_unique<const View>(database_, state.last_commit, state.next_sequence);
        return {};
    });
    if (!taken) return;
    const std::string begin = id_prefix(table->data_id), end = successor(begin);
    const rocksdb::Slice from = slice_of(begin), to = slice_of(end);
    const auto cursor = database_.walk(Family::items, &from, &to, view->snapshot(), /*fill_cache=*/false);
    uint64_t items = 0, bytes = 0;
    for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) {
        const auto counted = counted_bytes_of_encoded(cursor->value().ToStringView());
        if (!counted) return;
        bytes += *counted;
        if (++items % items_between_looks == 0 && stopping()) return;
    }
    if (!cursor->status().ok()) return;
    static_cast<void>(committer_.maintain([&](Commit& commit) -> Status {
        commit.correct_size(table->id, then, items, bytes);
        return {};
    }));
}

}  // namespace millrace::table::engine
