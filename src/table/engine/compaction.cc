#include "src/table/engine/compaction.h"

#include <rocksdb/convenience.h>

namespace millrace::table::engine {

Status compact_prefix(const Database& database, Family family, const std::string& prefix) {
    const std::string end = successor(prefix);
    const rocksdb::Slice from = slice_of(prefix), to = slice_of(end);
    const auto removed =
        rocksdb::DeleteFilesInRange(database.get(), database.family(family), &from, &to, /*include_end=*/false);
    if (!removed.ok()) return error_of(removed, "cannot remove a table's files");
    TRY(database.flush());
    return compact_table_files(database, family, prefix);
}

Status compact_table_files(const Database& database, Family family, const std::string& prefix) {
    // CompactRange() takes its end in, and there a tombstone of the next prefix may begin, which would be in its way.
    // So it ends before: no key has so many of these bytes after a prefix.
    const std::string last = prefix + std::string(16, '\xff');
    const rocksdb::Slice from = slice_of(prefix), to = slice_of(last);
    rocksdb::CompactRangeOptions options;
    options.exclusive_manual_compaction = false;
    const auto compacted = database->CompactRange(options, database.family(family), &from, &to);
    if (!compacted.ok()) return error_of(compacted, "cannot compact a table's files");
    return {};
}

}  // namespace millrace::table::engine
