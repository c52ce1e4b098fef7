#include "src/table/engine/reads.h"

#include <algorithm>

#include "src/table/engine/index_entries.h"
#include "src/table/value/item_codec.h"

namespace millrace::table::engine {
namespace {

constexpr size_t fetched_block_bytes = 4096;

struct Walk {
    const TableDefinition* table;
    const Index* index;
    KeyRange range;
    bool forward = true;
    uint64_t evaluated_max;
    size_t bytes_max;
    const Condition* filter;
    bool fetch_from_table = false;
    bool count_only;
};

// The key attributes that a later page starts after: the table's, and the index's.
Result<Item> position_of(const Walk& walk, std::string_view item_bytes) {
    Item position;
    const auto copy = [&](const std::string& name) -> Status {
        if (name.empty()) return {};
        TRY_ASSIGN(auto value, decode_attribute(item_bytes, name));
        if (value) position.set(name, std::move(*value));
        return {};
    };
    TRY(copy(walk.table->key.partition));
    TRY(copy(walk.table->key.sort));
    if (walk.index != nullptr) {
        const KeyNames& key = walk.index->key;
        for (size_t i = 0; i < key.size(); ++i) TRY(copy(key.at(i).name));
    }
    return position;
}

// Few names: found one by one in the bytes; many: the tree is cheaper.
constexpr size_t names_looked_up_max = 4;

Result<bool> passes(const Condition* filter, std::string_view item_bytes) {
    if (filter == nullptr) return true;
    const auto& names = filter->attributes();
    if (names.size() > names_looked_up_max) {
        TRY_ASSIGN(const Item item, decode_item(item_bytes));
        return filter->holds(&item);
    }
    Item some;
    for (const std::string& name : names) {
        TRY_ASSIGN(auto value, decode_attribute(item_bytes, name));
        if (value) some.set(name, std::move(*value));
    }
    return filter->holds(&some);
}

Result<std::optional<std::string>> whole_item(const Database& database, const View& view, const Walk& walk,
                                              std::string_view entry) {
    TRY_ASSIGN(const Item position, position_of(walk, entry));
    TRY_ASSIGN(const std::string key, item_key(walk.table->data_id, walk.table->key, position));
    return database.read(Family::items, key, view.snapshot());
}

Result<Page> walk_page(const Database& database, const View& view, const Walk& walk) {
    Page page;
    if (walk.range.empty()) return page;
    const rocksdb::Slice begin = slice_of(walk.range.begin), end = slice_of(walk.range.end);
    const auto cursor =
        database.walk(walk.index != nullptr ? Family::indexes : Family::items, &begin, &end, view.snapshot());
    const auto advance = [&] { walk.forward ? cursor->Next() : cursor->Prev(); };
    for (walk.forward ? cursor->SeekToFirst() : cursor->SeekToLast(); cursor->Valid(); advance()) {
        std::string_view bytes = cursor->value().ToStringView();
        TRY_ASSIGN(const size_t counted, counted_bytes_of_encoded(bytes));
        ++page.evaluated;
        page.bytes += counted;
        std::optional<std::string> fetched;
        if (walk.fetch_from_table) {
            TRY_ASSIGN(fetched, whole_item(database, view, walk, bytes));
            if (!fetched) return Error{ErrorCode::corruption, "an index has an entry whose item is gone"};
            TRY_ASSIGN(const size_t more, counted_bytes_of_encoded(*fetched));
            page.bytes += more;
            page.fetched += {more, std::max<uint64_t>((more + fetched_block_bytes - 1) / fetched_block_bytes, 1)};
        }
        TRY_ASSIGN(const bool passed, passes(walk.filter, fetched ? *fetched : bytes));
        if (passed) {
            ++page.matched;
            if (!walk.count_only) page.items.emplace_back(fetched ? std::move(*fetched) : std::string(bytes));
        }
        if (page.evaluated >= walk.evaluated_max || page.bytes >= walk.bytes_max) {
            TRY_ASSIGN(page.last_key, position_of(walk, bytes));
            return page;
        }
    }
    if (!cursor->status().ok()) return error_of(cursor->status(), "cannot read a table");
    return page;
}

// Where a walk over the table or its index goes on after an ExclusiveStartKey.
Result<std::string> walk_key(const TableDefinition& table, const Index* index, const Item& position) {
    if (index == nullptr) return item_key(table.data_id, table.key, position);
    auto key = index_key(*index, table.key, position);
    if (!key) return Error{ErrorCode::invalid_argument, "The provided starting key is invalid"};
    return *key;
}

}  // namespace

Result<std::optional<StoredItem>> read_item(const Database& database, const View& view, std::string_view key,
                                            uint64_t hash, bool cached_only) {
    std::optional<StoredItem> item;
    if (database.item_cache().find(key, hash, view.commit, &item)) return item;
    TRY_ASSIGN(auto bytes, database.read(Family::items, key, view.snapshot(), cached_only));
    if (bytes) item = StoredItem(std::move(*bytes));
    database.item_cache().read(key, hash, view.commit, item);
    return item;
}

Result<Page> read_query(const Database& database, const View& view, const QueryRequest& request) {
    const uint32_t id = request.index != nullptr ? request.index->id : request.table->data_id;
    Walk walk{.table = request.table.get(),
              .index = request.index,
              .range = range_of(id, request.condition),
              .forward = request.forward,
              .evaluated_max = request.evaluated_max,
              .bytes_max = request.bytes_max,
              .filter = request.filter.get(),
              .fetch_from_table = request.index != nullptr && request.fetch_from_table,
              .count_only = request.count_only};
    if (request.start_after) {
        TRY_ASSIGN(const std::string key, walk_key(*request.table, request.index, *request.start_after));
        start_after(&walk.range, key, request.forward);
    }
    return walk_page(database, view, walk);
}

Result<Page> read_scan(const Database& database, const View& view, const ScanRequest& request) {
    if (request.segments == 0 || request.segment >= request.segments) {
        return Error{ErrorCode::invalid_argument,
                     "The Segment parameter is zero-based and must be less than parameter TotalSegments"};
    }
    const uint32_t id = request.index != nullptr ? request.index->id : request.table->data_id;
    Walk walk{.table = request.table.get(),
              .index = request.index,
              .range = range_of_segment(id, request.segment, request.segments),
              .evaluated_max = request.evaluated_max,
              .bytes_max = request.bytes_max,
              .filter = request.filter.get(),
              .fetch_from_table = request.index != nullptr && request.fetch_from_table,
              .count_only = request.count_only};
    if (request.start_after) {
        TRY_ASSIGN(const std::string key, walk_key(*request.table, request.index, *request.start_after));
        start_after(&walk.range, key, true);
    }
    return walk_page(database, view, walk);
}

Status read_all(const Database& database, const View& view, const TableDefinition& table,
                const std::function<bool(const StoredItem&)>& visit) {
    const std::string begin = id_prefix(table.data_id), end = successor(begin);
    const rocksdb::Slice from = slice_of(begin), to = slice_of(end);
    const auto cursor = database.walk(Family::items, &from, &to, view.snapshot(), /*fill_cache=*/false);
    for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) {
        if (!visit(StoredItem(cursor->value().ToString()))) return {};
    }
    if (!cursor->status().ok()) return error_of(cursor->status(), "cannot read a table");
    return {};
}

}  // namespace millrace::table::engine
