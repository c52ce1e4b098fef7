// What a failure of RocksDB is here. Included by who opens a RocksDB, as it brings a header of RocksDB's.
#pragma once

#include <string>
#include <string_view>

#include <rocksdb/status.h>

#include "src/base/result.h"

namespace millrace::table {

// corruption, io, resource_exhausted (the disk is full), unavailable (closing, or too busy for a read that may not
// wait), internal. `what`: what could not be done, "cannot read the catalog's store".
inline Error error_of(const rocksdb::Status& status, std::string_view what) {
    ErrorCode code = ErrorCode::internal;
    if (status.IsCorruption()) code = ErrorCode::corruption;
    if (status.IsIOError()) code = ErrorCode::io;
    if (status.IsNoSpace()) code = ErrorCode::resource_exhausted;
    if (status.IsShutdownInProgress() || status.IsBusy() || status.IsIncomplete()) code = ErrorCode::unavailable;
    return Error{code, std::string(what) + ": " + status.ToString()};
}

}  // namespace millrace::table
