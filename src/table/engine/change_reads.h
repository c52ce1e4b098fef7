// Reading a change stream: by sequence and by time.
#pragma once

#include "src/table/engine/database.h"

namespace millrace::table::engine {

// The first sequence that is kept.
Result<uint64_t> first_kept(const Database& database, const View& view, uint64_t stream);
// See Tables::changes.
Result<Changes> read_changes(const Database& database, const View& view, uint64_t stream, uint64_t from,
                             size_t count_max, size_t bytes_max);
// The first record at or after `time`; the view's end where there is none. Times grow with sequences: a search by
// halves.
Result<uint64_t> find_change(const Database& database, const View& view, uint64_t stream, TimestampMs time);

}  // namespace millrace::table::engine
