// A directory that a power cut does not take away with what was synced in it.
#pragma once

#include <string>

#include "src/base/result.h"

namespace millrace::table {

// Makes it and its parents where absent, and syncs the entries that name them. RocksDB does not sync its directory's
// entry in the parent: after a power cut the whole store could be gone although its own files were synced. Closed to
// users who are neither its owner nor of its group.
Status make_durable_directory(const std::string& directory);

}  // namespace millrace::table
