// A floor under the files of a family whose keys only grow: so that they are written once.
//
// RocksDB 7.8 writes each file of a family's bottom again as soon as no snapshot is older than it is, to drop sequence
// numbers that nobody needs (ComputeBottommostFilesMarkedForCompaction). A file is of the bottom where no level below
// it has a file whose range meets its own. The floor is a file in the last level that spans all keys; files then move
// down the levels above it as they are.
#pragma once

#include <string>

#include <rocksdb/db.h>

#include "src/base/result.h"

namespace millrace::table::engine {

// Where the family has no file yet: in an older store nothing is done, and its files are written twice. `directory`
// takes the file for a moment. Before the first write. io, corruption.
Status lay_floor(rocksdb::DB& database, rocksdb::ColumnFamilyHandle* family, const std::string& directory);

}  // namespace millrace::table::engine
