// The records of one put, laid out for the log: a batch for each shard that they go to, and which record is where.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "src/log/log.h"
#include "src/service/kinesis/stream_table.h"

namespace millrace::service::kinesis {

class PutBatch {
  public:
    // `bytes_expected`: of all records together, a guess.
    PutBatch(StreamPointer live, size_t bytes_expected);

    // The batch of the shard that owns the key. Then reserve and finish one record there.
    // nullptr where the explicit hash key ("" for none) is not a number of the hash space.
    log::Batch* route(std::string_view partition_key, std::string_view explicit_hash_key);
    // After a record was finished in the batch that route() gave last.
    void placed(size_t bytes) {
        batch_of_record_.push_back(last_);
        bytes_ += bytes;
    }
    size_t count() const { return batch_of_record_.size(); }
    size_t bytes() const { return bytes_; }  // of data and keys

    std::vector<log::Batch> take_batches() { return std::move(batches_); }
    const LiveStream& live() const { return *live_; }
    // Calls visit(shard index, position) for each record, in the order of the request.
    template <class Visit>
    void for_each(const std::vector<log::Appended>& appended, Visit visit) const {
        std::vector<uint32_t> next(appended.size(), 0);
        for (const uint32_t batch : batch_of_record_) {
            visit(shard_of_batch_[batch], appended[batch].positions[next[batch]++]);
        }
    }

  private:
    StreamPointer live_;
    size_t batch_bytes_expected_;
    std::vector<log::Batch> batches_;
    std::vector<uint32_t> shard_of_batch_;
    std::vector<int32_t> batch_of_shard_;  // -1: none yet
    std::vector<uint32_t> batch_of_record_;
    uint32_t last_ = 0;
    size_t bytes_ = 0;
};

}  // namespace millrace::service::kinesis
