// Reading items of one view: by key, by range, all of them. (What they were: history_reads.h.)
#pragma once

#include <functional>

#include "src/table/engine/database.h"
#include "src/table/engine/range.h"

namespace millrace::table::engine {

// `hash`: std::hash of the key. `cached_only`: unavailable where the disk would be touched.
Result<std::optional<StoredItem>> read_item(const Database& database, const View& view, std::string_view key,
                                            uint64_t hash, bool cached_only);
inline Result<std::optional<StoredItem>> read_item(const Database& database, const View& view, std::string_view key,
                                                   bool cached_only) {
    return read_item(database, view, key, std::hash<std::string_view>()(key), cached_only);
}

Result<Page> read_query(const Database& database, const View& view, const QueryRequest& request);
Result<Page> read_scan(const Database& database, const View& view, const ScanRequest& request);

// See Tables::for_each.
Status read_all(const Database& database, const View& view, const TableDefinition& table,
                const std::function<bool(const StoredItem&)>& visit);

}  // namespace millrace::table::engine
