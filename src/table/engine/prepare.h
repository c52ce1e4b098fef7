// The part of a write that needs no order: key, bytes, and a look at what is stored.
#pragma once

#include "src/table/engine/database.h"
#include "src/table/engine/prepared_write.h"

namespace millrace::table::engine {

PreparedWrite prepare(WriteOperation operation);
// Reads what is stored as of `view`. False, and nothing is done, where `cached_only` and the disk would be touched.
bool look_up(const Database& database, const View& view, bool cached_only, PreparedWrite* write);

}  // namespace millrace::table::engine
