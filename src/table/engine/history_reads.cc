#include "src/table/engine/history_reads.h"

#include "src/table/engine/history_times.h"

namespace millrace::table::engine {
namespace {

constexpr size_t tail_bytes = 16;  // of a history key: time, sequence
constexpr int steps_before_seek = 8;

std::string_view item_key_of(const rocksdb::Iterator& history) {
    return history.key().ToStringView().substr(0, history.key().size() - tail_bytes);
}
TimestampMs time_of(const rocksdb::Iterator& history) {
    const std::string_view key = history.key().ToStringView();
    return TimestampMs(static_cast<int64_t>(read_u64(key.substr(key.size() - tail_bytes))));
}
bool is_of(const rocksdb::Iterator& history, std::string_view item_key) {
    return history.Valid() && item_key_of(history) == item_key;
}
std::optional<StoredItem> image_of(const rocksdb::Iterator& history) {
    const std::string_view value = history.value().ToStringView();
    if (value.empty() || value[0] != '\x01') return std::nullopt;
    return StoredItem(std::string(value.substr(1)));
}

// Before an item's first record at or after `time`, and after all of it.
std::string key_at(std::string_view item_key, TimestampMs time) {
    std::string key(item_key);
    append_u64(static_cast<uint64_t>(time.value()), &key);
    return key;
}
std::string key_after(std::string_view item_key) {
    return std::string(item_key) + std::string(tail_bytes, '\xff');
}

// Most items have few records: stepping over them costs less than a search.
void skip_to(rocksdb::Iterator& history, const std::string& target) {
    for (int steps = 0; steps < steps_before_seek; ++steps) {
        if (!history.Valid() || history.key().ToStringView() >= target) return;
        history.Next();
    }
    if (history.Valid() && history.key().ToStringView() < target) history.Seek(slice_of(target));
}

// An item's records lie together, oldest first, each with what the item was until then: that of the first in the span
// is what it was before, that of the first after the span what it was at the end; where there is none, what it is now.
Result<ChangedItem> change_of(rocksdb::Iterator& history, rocksdb::Iterator& items, const std::string& item_key,
                              TimestampMs from, TimestampMs to) {
    ChangedItem item;
    history.Seek(slice_of(key_at(item_key, from)));
    if (!history.status().ok()) return error_of(history.status(), "cannot read a table's history");
    if (!is_of(history, item_key) || time_of(history) >= to) return item;  // what was found is erased
    item.before = image_of(history);
    item.written = time_of(history);
    history.Next();
    if (is_of(history, item_key) && time_of(history) < to) {
        history.SeekForPrev(slice_of(key_at(item_key, to)));
        if (!history.Valid()) return error_of(history.status(), "cannot read a table's history");
        item.written = time_of(history);
        history.Next();
    }
    if (is_of(history, item_key)) {
        item.after = image_of(history);
    } else {
        if (!history.status().ok()) return error_of(history.status(), "cannot read a table's history");
        skip_to(items, item_key);
        if (!items.status().ok()) return error_of(items.status(), "cannot read a table");
        if (items.Valid() && items.key().ToStringView() == item_key) item.after = StoredItem(items.value().ToString());
    }
    return item;
}

}  // namespace

// Two walks side by side in the order of places. An item's state then is the old image of its first later change; where
// there was no later change it is what it is now.
Status read_all_as_of(const Database& database, const View& view, const TableDefinition& table, TimestampMs as_of,
                      const std::function<bool(const StoredItem&)>& visit) {
    const std::string begin = id_prefix(table.data_id), end = successor(begin);
    const rocksdb::Slice from = slice_of(begin), to = slice_of(end);
    const auto now = database.walk(Family::items, &from, &to, view.snapshot(), /*fill_cache=*/false);
    const auto past = database.walk(Family::history, &from, &to, view.snapshot(), /*fill_cache=*/false);
    now->SeekToFirst();
    past->SeekToFirst();
    while (now->Valid() || past->Valid()) {
        if (past->Valid() && (!now->Valid() || item_key_of(*past) <= now->key().ToStringView())) {
            const std::string key(item_key_of(*past));
            const bool is_now = now->Valid() && now->key().ToStringView() == key;
            skip_to(*past, key_at(key, TimestampMs(as_of.value() + 1)));
            const bool changed_later = is_of(*past, key);
            const std::optional<StoredItem> image = changed_later ? image_of(*past) : std::nullopt;
            if (image && !visit(*image)) return {};
            if (!changed_later && is_now && !visit(StoredItem(now->value().ToString()))) return {};
            if (is_now) now->Next();
            skip_to(*past, key_after(key));
        } else {
            if (!visit(StoredItem(now->value().ToString()))) return {};
            now->Next();
        }
    }
    if (!now->status().ok()) return error_of(now->status(), "cannot read a table");
    if (!past->status().ok()) return error_of(past->status(), "cannot read a table's history");
    return {};
}

Status read_changed(const Database& database, const View& view, const TableDefinition& table, TimestampMs from,
                    TimestampMs to, const std::function<bool(const ChangedItem&)>& visit) {
    const std::string begin = id_prefix(table.data_id), end = successor(begin);
    const rocksdb::Slice first = slice_of(begin), last = slice_of(end);
    // Where it finds a record, the item changed; what it was and is are asked of all files. Iterators keep what they
    // read until they end, also where the table is deleted meanwhile.
    const auto found = database.walk_history(
        &first, &last, view.snapshot(), [&](const rocksdb::TableProperties& file) { return may_hold(file, from, to); });
    const auto history = database.walk(Family::history, &first, &last, view.snapshot(), /*fill_cache=*/false);
    const auto items = database.walk(Family::items, &first, &last, view.snapshot(), /*fill_cache=*/false);
    items->SeekToFirst();
    found->SeekToFirst();
    while (found->Valid()) {
        const std::string key(item_key_of(*found));
        if (time_of(*found) < from) {
            skip_to(*found, key_at(key, from));
            continue;
        }
        if (time_of(*found) < to) {
            TRY_ASSIGN(const ChangedItem item, change_of(*history, *items, key, from, to));
            if ((item.before || item.after) && !visit(item)) return {};
        }
        skip_to(*found, key_after(key));
    }
    if (!found->status().ok()) return error_of(found->status(), "cannot read a table's history");
    return {};
}

}  // namespace millrace::table::engine
