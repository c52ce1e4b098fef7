#include "src/flow/change_copy/change_copier.h"

#include <algorithm>
#include <charconv>
#include <future>

#include "src/base/checksum.h"
#include "src/catalog/registry.h"
#include "src/catalog/streams.h"
#include "src/flow/change_copy/change_record.h"
#include "src/log/log.h"

namespace millrace::flow {
namespace {

constexpr size_t batch_count_max = 1000;
constexpr size_t batch_bytes_max = 4 << 20;

// Where a partition key lies in Kinesis's hash space: its MD5 as a big-endian number.
catalog::HashKey hash_of(std::string_view partition_key) {
    const std::string digest = md5(partition_key);
    catalog::HashKey key;
    for (size_t i = 0; i < 8; ++i) {
        key.high = key.high << 8 | static_cast<uint8_t>(digest[i]);
        key.low = key.low << 8 | static_cast<uint8_t>(digest[8 + i]);
    }
    return key;
}

}  // namespace

Result<std::string> kinesis_stream_name(const Scope& scope, std::string_view arn) {
    const std::string prefix = "arn:aws:kinesis:" + scope.region + ":" + scope.account + ":stream/";
    if (!arn.starts_with(prefix) || arn.size() == prefix.size()) {
        return {ErrorCode::invalid_argument, "not the ARN of a Kinesis stream in " + scope.region + " of account " +
                                                 scope.account + ": " + std::string(arn)};
    }
    return std::string(arn.substr(prefix.size()));
}

Status ChangeCopier::save_position(catalog::Registry& registry, const ChangeCopy& copy, table::ChangeSequence next) {
    return registry.put(change_copy_position_kind, copy.scope, std::to_string(copy.id), std::to_string(next.value()));
}

Status ChangeCopier::load_position() {
    TRY_ASSIGN(const auto text, parts_.registry.get(change_copy_position_kind, copy_.scope, std::to_string(copy_.id)));
    uint64_t next = 0;
    if (text && std::from_chars(text->data(), text->data() + text->size(), next).ec != std::errc()) {
        return {ErrorCode::corruption, "the position of a change copy is damaged: " + *text};
    }
    next_ = table::ChangeSequence(next);
    loaded_ = true;
    return {};
}

Result<bool> ChangeCopier::step() {
    if (!loaded_) TRY(load_position());
    TRY_ASSIGN(const table::TableRef table, parts_.tables.find(copy_.scope, copy_.table));
    if (table->id != copy_.table_id) return {ErrorCode::not_found, "the table was made again"};
    const table::ChangeSequence begin = parts_.tables.changes_begin(copy_.source, 0);
    if (next_ < begin) next_ = begin;  // what expired while the stream could not be written
    TRY_ASSIGN(const table::Changes changes,
               parts_.tables.changes(copy_.source, 0, next_, batch_count_max, batch_bytes_max));
    if (!changes.changes.empty()) {
        TRY(append(changes.changes, *table));
        TRY(save_position(parts_.registry, copy_, changes.next));
    }
    next_ = changes.next;
    return !changes.at_end;
}

Result<size_t> ChangeCopier::append(const std::vector<table::Change>& changes, const table::TableDefinition& table) {
    TRY_ASSIGN(const std::string name, kinesis_stream_name(copy_.scope, copy_.stream_arn));
    TRY_ASSIGN(const catalog::Stream stream, catalog::find_stream(parts_.registry, copy_.scope, name));
    std::vector<std::pair<const catalog::Shard*, log::Batch>> batches;
    for (const catalog::Shard& shard : stream.shards) {
        if (shard.takes_records()) batches.emplace_back(&shard, log::Batch(log::ShardKey(shard.log_key)));
    }
    for (const table::Change& change : changes) {
        TRY_ASSIGN(const std::string record, change_record(change, table, copy_.microseconds));
        const std::string key = change_partition_key(change);
        const catalog::HashKey hash = hash_of(key);
        for (auto& [shard, batch] : batches) {
            if (shard->hash_first <= hash && hash <= shard->hash_last) batch.add(key, record);
        }
    }
    std::vector<log::Batch> filled;
    std::vector<uint64_t> keys;
    for (auto& [shard, batch] : batches) {
        if (batch.count() == 0) continue;
        keys.push_back(shard->log_key);
        filled.push_back(std::move(batch));
    }
    std::promise<Status> durable;
    parts_.log.append(std::move(filled), [&durable](Result<std::vector<log::Appended>> result) {
        durable.set_value(result.ok() ? Status() : Status(result.error()));
    });
    TRY(durable.get_future().get());
    // A shard that was split or merged away meanwhile may have been closed before these records came: nobody would read
    // them there. They are written again, into what has taken its place.
    TRY_ASSIGN(const catalog::Stream now, catalog::find_stream(parts_.registry, copy_.scope, name));
    for (const catalog::Shard& shard : now.shards) {
        const bool written = std::find(keys.begin(), keys.end(), shard.log_key) != keys.end();
        if (written && !shard.takes_records()) return {ErrorCode::unavailable, "the stream is being resharded"};
    }
    return changes.size();
}

}  // namespace millrace::flow
