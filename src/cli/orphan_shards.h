// Shards of the log that nothing in the catalog names. A stream's shards are made before its definition, so a death in
// between leaves them behind; they would keep the log's segments for ever.
#pragma once

#include <cstddef>

#include "src/base/result.h"

namespace millrace::catalog {
class Registry;
}
namespace millrace::log {
class Log;
}

namespace millrace::cli {

// Drops those without records, as an interrupted creation leaves them; returns how many there were. One with records
// was named once, so the catalog was lost or is an older copy: it is kept, and said on stderr. At the start, before
// anything can make a stream. Where a definition does not parse nothing is dropped (corruption): its shards can not be
// told from orphans.
Result<size_t> drop_orphan_shards(catalog::Registry& registry, log::Log& log);

}  // namespace millrace::cli
