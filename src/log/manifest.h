// DIR/manifest: which shards there are, and how far each is trimmed. Replaced whole (write, sync, rename, sync of the
// folder). Segments are not in it: their names say what they are.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace millrace::log {

struct Manifest {
    uint64_t log_id = 0;  // random; every segment of the log repeats it
    uint64_t next_shard = 1;
    struct Shard {
        uint64_t key = 0;
        uint64_t horizon = 0;
        int64_t created_ms = 0;
    };
    std::vector<Shard> shards;  // by key
};

std::string encode(const Manifest& manifest);
// corruption: damaged; unsupported: of a later version.
Result<Manifest> decode_manifest(std::string_view bytes);

}  // namespace millrace::log
