#include "src/service/kinesis/put_batch.h"

#include "src/service/kinesis/hash_key.h"

namespace millrace::service::kinesis {

PutBatch::PutBatch(StreamPointer live, size_t bytes_expected) : live_(std::move(live)) {
    const size_t open = live_->open.size();
    batch_bytes_expected_ = open == 1 ? bytes_expected : bytes_expected / open + bytes_expected / open / 4;
    batch_of_shard_.assign(live_->stream.shards.size(), -1);
}

log::Batch* PutBatch::route(std::string_view partition_key, std::string_view explicit_hash_key) {
    uint32_t shard = live_->open.front();
    if (!explicit_hash_key.empty()) {
        const auto key = parse_hash_key(explicit_hash_key);
        if (!key) return nullptr;
        shard = live_->route(*key);
    } else if (live_->open.size() > 1) {  // with one shard there is nothing to choose: no MD5
        shard = live_->route(hash_of(partition_key));
    }
    int32_t& batch = batch_of_shard_[shard];
    if (batch < 0) {
        batch = static_cast<int32_t>(batches_.size());
        batches_.emplace_back(log::ShardKey(live_->stream.shards[shard].log_key), batch_bytes_expected_);
        shard_of_batch_.push_back(shard);
    }
    last_ = static_cast<uint32_t>(batch);
    return &batches_[last_];
}

}  // namespace millrace::service::kinesis
