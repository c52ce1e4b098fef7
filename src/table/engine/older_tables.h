// Tables that a millrace from before the log (commit_log.h) has written to: it kept RocksDB's own write-ahead log, and
// left the number out of `s` (keys.h). RocksDB reads that log itself, so what such a millrace has written is there.
//
// Most are simply old. But one may have been started on tables that a newer one had before: it saw what was in table
// files and nothing of the log. After a newer one that was closed that is all there was. After one that was killed, the
// log holds commits that were acknowledged, and can not be put under what has been written since.
#pragma once

#include "src/table/engine/commit_log.h"
#include "src/table/engine/database.h"

namespace millrace::table::engine {

Result<bool> is_of_older(const Database& database);

// Instead of replay(). The log goes on with numbers that it never had. failed_precondition where it holds commits that
// the older one did not see: what to do is the operator's to say, and the error tells what there is.
Status take_over(const Database& database, CommitLog& log);

// Table files will hold all of the log once the database is closed, which is next. What fails here is told by
// take_over(), if it is ever asked.
void note_end(const Database& database);

}  // namespace millrace::table::engine
