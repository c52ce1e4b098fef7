#include "src/log/batch.h"

#include <algorithm>
#include <cstring>

#include "src/log/format.h"

namespace millrace::log {

Batch::Batch(ShardKey shard, size_t bytes_expected) : state_(std::make_unique<State>()) {
    state_->shard = shard;
    if (bytes_expected > 0) state_->buffer = Buffer(bytes_expected);
}
Batch::~Batch() = default;
Batch::Batch(Batch&&) noexcept = default;
Batch& Batch::operator=(Batch&&) noexcept = default;

char* Batch::reserve(std::string_view partition_key, size_t data_capacity) {
    State& state = *state_;
    MILLRACE_CHECK(!state.reserved && partition_key.size() <= key_bytes_max);
    const size_t needed = state.size + record_header_bytes + partition_key.size() + data_capacity + alignment_bytes;
    if (needed > state.buffer.capacity()) {
        Buffer larger(std::max(needed, state.buffer.capacity() * 2));
        if (state.size > 0) std::memcpy(larger.data(), state.buffer.data(), state.size);
        state.buffer = std::move(larger);
    }
    char* const record = state.buffer.data() + state.size;
    if (!partition_key.empty()) std::memcpy(record + record_header_bytes, partition_key.data(), partition_key.size());
    state.reserved = true;
    state.reserved_key_bytes = static_cast<uint16_t>(partition_key.size());
    return record + record_header_bytes + partition_key.size();
}

void Batch::finish(size_t data_size) {
    State& state = *state_;
    MILLRACE_CHECK(state.reserved && data_size <= data_bytes_max);
    const uint32_t crc =
        seal_record(state.buffer.data() + state.size, state.reserved_key_bytes, static_cast<uint32_t>(data_size));
    state.records_crc = extend_records_crc(state.records_crc, crc);
    state.starts.push_back(static_cast<uint32_t>(state.size));
    state.size += record_header_bytes + state.reserved_key_bytes + data_size;
    MILLRACE_CHECK(state.size <= UINT32_MAX - run_header_bytes);
    state.reserved = false;
}

void Batch::abandon() {
    state_->reserved = false;
}

void Batch::add(std::string_view partition_key, std::string_view data) {
    char* const out = reserve(partition_key, data.size());
    if (!data.empty()) std::memcpy(out, data.data(), data.size());
    finish(data.size());
}

ShardKey Batch::shard() const {
    return state_->shard;
}
size_t Batch::count() const {
    return state_->starts.size();
}
size_t Batch::bytes() const {
    return state_->size;
}

}  // namespace millrace::log
