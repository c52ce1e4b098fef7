// Which times a table file of the history holds: its keys are in the order of items, so that a walk over the changes of
// a span would read all that is kept. RocksDB keeps young records in other files than old ones; each says in its
// properties from when to when its records are, and files that hold nothing of the span are not opened.
#pragma once

#include <rocksdb/table_properties.h>

#include "src/base/named.h"

namespace millrace::table::engine {

// For rocksdb's options of the family.
std::shared_ptr<rocksdb::TablePropertiesCollectorFactory> history_times();

// False where no record of the file is at or after `from` and before `to`. Files that do not say may.
bool may_hold(const rocksdb::TableProperties& file, TimestampMs from, TimestampMs to);

}  // namespace millrace::table::engine
