// Reading a table's history (keys.h: the family `history`): the table as it was at a time, and what a span of time
// changed in it. Memory does not grow with either.
#pragma once

#include <functional>

#include "src/table/engine/database.h"

namespace millrace::table::engine {

// See Tables::for_each.
Status read_all_as_of(const Database& database, const View& view, const TableDefinition& table, TimestampMs as_of,
                      const std::function<bool(const StoredItem&)>& visit);

// See Tables::for_each_changed. Reads the table files that hold changes of the span (history_times.h), and looks each
// item up that changed in it.
Status read_changed(const Database& database, const View& view, const TableDefinition& table, TimestampMs from,
                    TimestampMs to, const std::function<bool(const ChangedItem&)>& visit);

}  // namespace millrace::table::engine
