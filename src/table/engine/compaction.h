// Giving back the space under a prefix where nobody writes any more.
//
// CompactRange() flushes what it finds in memory of its range, but RocksDB 7.8 chooses that flush's families before it
// holds writers up. A family whose first write comes between is left out, and table files then hold the newest commit's
// number without all of the commit: no start would replay what is missing (rocksdb#11148). So all families are flushed
// before, and the compaction itself must find nothing.
#pragma once

#include <string>

#include "src/table/engine/database.h"

namespace millrace::table::engine {

// Whole table files go at once, the rest is compacted; takes as long as that takes. unavailable: stopping.
Status compact_prefix(const Database& database, Family family, const std::string& prefix);

// The compaction alone. It flushes nothing where nothing under the prefix is in memory, whatever lies beside it.
Status compact_table_files(const Database& database, Family family, const std::string& prefix);

}  // namespace millrace::table::engine
