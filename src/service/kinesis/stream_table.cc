#include "src/service/kinesis/stream_table.h"

#include <algorithm>
#include <tuple>

namespace millrace::service::kinesis {
namespace {

using ViewKey = std::tuple<std::string_view, std::string_view, std::string_view>;

ViewKey view_key(const Scope& scope, std::string_view name) {
    return {scope.account, scope.region, name};
}

}  // namespace

LiveStream::LiveStream(catalog::Stream made) : stream(std::move(made)), arn(catalog::arn_of(stream)) {
    for (uint32_t i = 0; i < stream.shards.size(); ++i) {
        answer_tails.push_back("\",\"ShardId\":\"" + stream.shards[i].id + "\"}");
        if (stream.shards[i].takes_records()) open.push_back(i);
    }
    std::sort(open.begin(), open.end(),
              [&](uint32_t a, uint32_t b) { return stream.shards[a].hash_first < stream.shards[b].hash_first; });
}

uint32_t LiveStream::route(catalog::HashKey key) const {
    const auto at = std::partition_point(open.begin(), open.end(),
                                         [&](uint32_t shard) { return stream.shards[shard].hash_last < key; });
    MILLRACE_CHECK(at != open.end());  // open shards cover the hash space
    return *at;
}

Result<std::vector<catalog::Stream>> StreamTable::load() {
    std::vector<catalog::Stream> deleting;
    Status status;
    TRY(registry_.for_each(catalog::stream_kind, [&](const Scope& scope, const catalog::Entry& entry) {
        auto stream = catalog::decode_stream(scope, entry.value);
        if (!stream) {
            status = with_context(std::move(stream).error(), "stream " + entry.name);
        } else if (stream->deleting) {
            deleting.push_back(std::move(*stream));
        } else {
            insert(std::move(*stream));
        }
    }));
    TRY(std::move(status));
    return deleting;
}

void StreamTable::insert(catalog::Stream stream) {
    auto live = std::make_shared<const LiveStream>(std::move(stream));
    std::unique_lock lock(mutex_);
    for (uint32_t i = 0; i < live->stream.shards.size(); ++i) shards_[live->stream.shards[i].log_key] = {live, i};
    StreamPointer& slot = streams_[Key(live->stream.scope.account, live->stream.scope.region, live->stream.name)];
    std::erase_if(replaced_, [](const auto& one) { return one.second.expired(); });
    if (slot) replaced_.emplace_back(slot->stream.incarnation, slot);
    slot = std::move(live);
}

bool StreamTable::settled(const catalog::Stream& stream) {
    const std::unique_lock lock(mutex_);
    std::erase_if(replaced_, [](const auto& one) { return one.second.expired(); });
    return std::none_of(replaced_.begin(), replaced_.end(),
                        [&](const auto& one) { return one.first == stream.incarnation; });
}

StreamPointer StreamTable::find(const Scope& scope, std::string_view name) const {
    std::shared_lock lock(mutex_);
    const auto found = streams_.find(view_key(scope, name));
    return found == streams_.end() ? nullptr : found->second;
}

StreamPointer StreamTable::find_shard(uint64_t log_key, uint32_t* shard) const {
    std::shared_lock lock(mutex_);
    const auto found = shards_.find(log_key);
    if (found == shards_.end()) return nullptr;
    *shard = found->second.second;
    return found->second.first;
}

std::vector<StreamPointer> StreamTable::list(const Scope& scope, std::string_view after, size_t limit) const {
    std::vector<StreamPointer> found;
    std::shared_lock lock(mutex_);
    for (auto at = streams_.upper_bound(view_key(scope, after)); at != streams_.end() && found.size() < limit; ++at) {
        if (std::get<0>(at->first) != scope.account || std::get<1>(at->first) != scope.region) break;
        found.push_back(at->second);
    }
    return found;
}

std::vector<StreamPointer> StreamTable::all() const {
    std::vector<StreamPointer> found;
    std::shared_lock lock(mutex_);
    for (const auto& [key, stream] : streams_) found.push_back(stream);
    return found;
}

Status StreamTable::create(catalog::Stream stream) {
    TRY(registry_.create(catalog::stream_kind, stream.scope, stream.name, catalog::encode_stream(stream)));
    insert(std::move(stream));
    return {};
}

Status StreamTable::replace(catalog::Stream stream) {
    TRY(registry_.put(catalog::stream_kind, stream.scope, stream.name, catalog::encode_stream(stream)));
    insert(std::move(stream));
    return {};
}

Status StreamTable::forget_shard(catalog::Stream stream, uint64_t log_key) {
    TRY(replace(std::move(stream)));
    const std::unique_lock lock(mutex_);
    shards_.erase(log_key);
    return {};
}

Status StreamTable::begin_removal(const LiveStream& live) {
    catalog::Stream stream = live.stream;
    stream.deleting = true;
    TRY(registry_.put(catalog::stream_kind, stream.scope, stream.name, catalog::encode_stream(stream)));
    std::unique_lock lock(mutex_);
    for (const auto& shard : stream.shards) shards_.erase(shard.log_key);
    const auto found = streams_.find(view_key(stream.scope, stream.name));
    if (found != streams_.end()) streams_.erase(found);
    return {};
}

Status StreamTable::forget(const catalog::Stream& stream) {
    return registry_.remove(catalog::stream_kind, stream.scope, stream.name);
}

}  // namespace millrace::service::kinesis
