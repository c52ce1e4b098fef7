// What a Batch holds: the run's bytes as they go to disk, without the run header, which needs the position.
#pragma once

#include <vector>

#include "src/log/buffer.h"
#include "src/log/log.h"

namespace millrace::log {

struct Batch::State {
    ShardKey shard;
    Buffer buffer;
    size_t size = 0;               // bytes of finished records
    std::vector<uint32_t> starts;  // of each finished record
    uint32_t records_crc = 0;
    bool reserved = false;
    uint16_t reserved_key_bytes = 0;
};

class BatchAccess {
  public:
    static Batch::State& state(Batch& batch) { return *batch.state_; }
    static const Batch::State& state(const Batch& batch) { return *batch.state_; }
};

}  // namespace millrace::log
