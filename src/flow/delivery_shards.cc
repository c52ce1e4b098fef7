// Where a delivery's records come from: the shards of its stream, and reading one of them past every obstacle.
#include <algorithm>
#include <cstdio>

#include "src/catalog/registry.h"
#include "src/catalog/streams.h"
#include "src/flow/delivery.h"
#include "src/io/clock.h"

namespace millrace::flow {
namespace {

// No stream keeps its records for less than a day: what was committed since so short a time ago is still there.
constexpr int64_t kept_for_certain_ns = 3'600'000'000'000;
constexpr int64_t refresh_ns = 5'000'000'000;  // how soon a delivery sees that its stream has other shards

}  // namespace

Status Delivery::refresh_shards() {
    if (definition_.source == Source::direct_put) {
        if (shards_.empty()) shards_.push_back({log::ShardKey(definition_.log_key), "", {}, {}});
        return {};
    }
    if (parts_.clock.monotonic_ns() < refresh_due_ns_) return {};
    const std::string_view name = stream_name_of(definition_.kinesis_arn);
    auto stream = catalog::find_stream(parts_.registry, definition_.scope, name);
    if (!stream.ok() && stream.error().code == ErrorCode::not_found) {
        return Error{ErrorCode::not_found, "the source stream " + definition_.kinesis_arn + " does not exist"};
    }
    if (!stream.ok()) return std::move(stream).error();
    refresh_due_ns_ = parts_.clock.monotonic_ns() + refresh_ns;
    // Shards that the log no longer has leave with a batch's checkpoint; those of a stream deleted and made again
    // under the same name have other keys, and are read from their beginning, as are those of a split.
    const auto gone = [&](const Shard& shard) {
        return std::none_of(stream->shards.begin(), stream->shards.end(),
                            [&](const catalog::Shard& s) { return s.log_key == shard.key.value(); });
    };
    if (std::any_of(shards_.begin(), shards_.end(), gone)) {
        drop_batch();
        std::erase_if(shards_, gone);
        shards_changed_ = true;
    }
    for (const catalog::Shard& shard : stream->shards) {
        const log::ShardKey key(shard.log_key);
        const auto known = std::find_if(shards_.begin(), shards_.end(), [&](const Shard& s) { return s.key == key; });
        if (known != shards_.end()) {
            known->id = shard.id;
            continue;
        }
        const log::Position from(shard.position_first);
        shards_.push_back({key, shard.id, from, from});
        shards_changed_ = true;
    }
    return {};
}

Result<log::ReadResult> Delivery::read(Shard& shard, size_t bytes_max) {
    log::ReadLimits limits;
    limits.bytes_max = bytes_max;
    // Each obstacle moves the cursor forward, so this ends.
    for (;;) {
        auto result = parts_.log.read(shard.key, shard.cursor, limits);
        if (result.ok()) return result;
        const Error& error = result.error();
        if (error.code == ErrorCode::out_of_range) {
            TRY_ASSIGN(const log::Position horizon, parts_.log.horizon(shard.key));
            if (horizon <= shard.cursor) return error;
            // Of our own shard we trim only what is delivered. A stream's retention may take what we had not read; that
            // of an idle shard only moves over what others wrote.
            const bool idle = shard.at_end && parts_.clock.monotonic_ns() - shard.at_end_ns < kept_for_certain_ns;
            if (definition_.source == Source::kinesis && shard.cursor.value() != 0 && !idle) {
                std::fprintf(stderr, "millrace: %s: the stream's retention has passed what was delivered of %s\n",
                             definition_.name.c_str(), definition_.kinesis_arn.c_str());
            }
            shard.cursor = horizon;
        } else if (error.code == ErrorCode::corruption) {
            TRY_ASSIGN(const log::Position after, parts_.log.skip_corrupt(shard.key, shard.cursor));
            if (after <= shard.cursor) return error;
            std::fprintf(stderr, "millrace: %s: a record can not be delivered: %s\n", definition_.name.c_str(),
                         error.message.c_str());
            const std::lock_guard<std::mutex> lock(mutex_);
            ++seen_.corrupt_records;
            shard.cursor = after;
        } else {
            return result;
        }
    }
}

}  // namespace millrace::flow
