// What becomes of a mapping over time: its first step after a start, changes of its settings, of its source's shards, a
// rewind, its end.
#include <algorithm>

#include "src/catalog/registry.h"
#include "src/flow/mapping/mapping.h"
#include "src/io/clock.h"
#include "src/table/key_value_store.h"

namespace millrace::flow::mapping {
namespace {

constexpr int64_t ms = 1'000'000;

Result<Position> start_of(const Definition& definition, Source& source, const SourceShard& shard) {
    switch (definition.start) {
        case StartingPosition::latest:
            return source.newest(shard);
        case StartingPosition::at_timestamp:
            return source.at(shard, definition.start_time);
        case StartingPosition::trim_horizon:
            break;
    }
    return source.oldest(shard);
}

std::vector<LaneCheckpoint> lanes_at(Position position, uint32_t lanes) {
    return std::vector<LaneCheckpoint>(lanes, LaneCheckpoint{position, std::nullopt});
}

}  // namespace

Status Mapping::place(const Definition& definition, const Parts& parts) {
    TRY_ASSIGN(const auto source, make_source(definition.source_arn, parts.sources));
    TRY_ASSIGN(const Filter compiled, Filter::compile(definition.settings.filters, source->body_name()));
    TRY_ASSIGN(const std::vector<SourceShard> shards, source->shards());
    Checkpoint checkpoint;
    checkpoint.lanes = definition.settings.parallelization;
    for (const SourceShard& shard : shards) {
        TRY_ASSIGN(const Position start, start_of(definition, *source, shard));
        checkpoint.shards[shard.key] = {shard.id, lanes_at(start, checkpoint.lanes), false};
    }
    return replace_checkpoint(parts.store, definition.uuid, checkpoint);
}

// No call is under way. Every part of it may be done twice.
Status Mapping::carry_out() {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (new_definition_) definition_ = *new_definition_;
    }
    if (definition_.deleting) return forget();
    if (!source_) {
        TRY_ASSIGN(source_, make_source(definition_.source_arn, parts_.sources));
    }
    TRY_ASSIGN(filter_, Filter::compile(definition_.settings.filters, source_->body_name()));
    for (auto& [key, shard] : shards_) {
        for (const auto& lane : shard.lanes) TRY(lane->settle());
    }
    refresh_due_ns_ = 0;
    if (!opened_) TRY(open());
    if (head_.rewinds != definition_.rewinds) TRY(rewind());
    TRY(spread_lanes());
    const std::lock_guard<std::mutex> lock(mutex_);
    to_carry_out_ = new_definition_ && (new_definition_->version != definition_.version ||
                                        new_definition_->rewinds != definition_.rewinds || new_definition_->deleting);
    if (!to_carry_out_) new_definition_.reset();
    return {};
}

// What an earlier life left.
Status Mapping::open() {
    TRY_ASSIGN(Checkpoint loaded, load_checkpoint(parts_.store, definition_.uuid));
    // The source's shards may not be known now: what they were is enough to go on, refresh() brings the rest.
    for (auto& [key, saved] : loaded.shards) {
        Shard& shard = shards_[key];
        shard.source = SourceShard{key, saved.id, {}, false};
        shard.finished = saved.finished;
        make_lanes(shard, saved);
    }
    loaded.shards.clear();
    head_ = std::move(loaded);
    opened_ = true;
    return {};
}

void Mapping::make_lanes(Shard& shard, const ShardCheckpoint& from) {
    shard.lanes.clear();
    const auto of = static_cast<uint32_t>(from.lanes.size());
    LaneHost& host = *this;
    for (uint32_t i = 0; i < of; ++i)
        shard.lanes.push_back(std::make_unique<Lane>(host, shard.source, i, of, from.lanes[i]));
}

// As many lanes a shard as the settings ask for, and no window that they do not. With another number of lanes records
// belong elsewhere: all of them go on from where the last one is, and some records come again. A lane that stays keeps
// its open window: what the function has gathered in it is not lost; of fewer lanes, those that go take theirs with
// them.
Status Mapping::spread_lanes() {
    const Settings& settings = definition_.settings;
    const int64_t window_ms = int64_t{settings.tumbling_window_s} * 1000;
    const bool respread = head_.lanes != settings.parallelization;
    Checkpoint wanted = head_;
    wanted.lanes = settings.parallelization;
    bool changed = respread;
    for (auto& [key, shard] : shards_) {
        ShardCheckpoint& of = wanted.shards[key] = checkpoint_of(shard);
        for (LaneCheckpoint& lane : of.lanes) {
            if (!lane.window || (window_ms > 0 && lane.window->start.value() % window_ms == 0)) continue;
            lane.window.reset();
            changed = true;
        }
        if (!respread || of.lanes.empty()) continue;
        const auto first = std::min_element(of.lanes.begin(), of.lanes.end(),
                                            [](const auto& a, const auto& b) { return a.done < b.done; });
        std::vector<LaneCheckpoint> spread = lanes_at(first->done, wanted.lanes);
        for (size_t i = 0; i < std::min(spread.size(), of.lanes.size()); ++i) spread[i].window = of.lanes[i].window;
        of.lanes = std::move(spread);
    }
    if (!changed) return {};
    TRY(replace_checkpoint(parts_.store, definition_.uuid, wanted));
    for (auto& [key, shard] : shards_) make_lanes(shard, wanted.shards[key]);
    wanted.shards.clear();
    head_ = std::move(wanted);
    return {};
}

Status Mapping::rewind() {
    TRY_ASSIGN(const std::vector<SourceShard> listed, source_->shards());
    Checkpoint wanted;
    wanted.lanes = head_.lanes;
    wanted.rewinds = definition_.rewinds;
    for (const SourceShard& each : listed) {
        TRY_ASSIGN(const Position start, source_->at(each, definition_.rewind_to));
        wanted.shards[each.key] = {each.id, lanes_at(start, wanted.lanes), false};
    }
    TRY(replace_checkpoint(parts_.store, definition_.uuid, wanted));
    shards_.clear();
    for (const SourceShard& each : listed) {
        Shard& shard = shards_[each.key];
        shard.source = each;
        make_lanes(shard, wanted.shards[each.key]);
    }
    wanted.shards.clear();
    head_ = std::move(wanted);
    shards_changed_ = true;
    return {};
}

// The source's shards as they are now; those that retention or a deletion has taken go, and are no longer waited for.
Status Mapping::refresh() {
    if (auto role = parts_.role_of(definition_.settings.function); role.ok()) source_->set_identity(*role);
    TRY_ASSIGN(const std::vector<SourceShard> listed, source_->shards());
    for (auto at = shards_.begin(); at != shards_.end();) {
        const auto same = [&](const SourceShard& each) { return each.key == at->first; };
        const bool busy = std::any_of(at->second.lanes.begin(), at->second.lanes.end(),
                                      [](const auto& lane) { return lane->in_flight(); });
        if (busy || std::any_of(listed.begin(), listed.end(), same)) {
            ++at;
            continue;
        }
        table::WriteBatch batch;
        erase_shard(at->first, definition_.uuid, &batch);
        TRY(parts_.store.write(batch));
        at = shards_.erase(at);
        shards_changed_ = true;
    }
    for (const SourceShard& each : listed) {
        const auto known = shards_.find(each.key);
        if (known == shards_.end()) {
            TRY(add_shard(each));
        } else {
            known->second.source = each;
        }
    }
    refresh_due_ns_ = parts_.clock.monotonic_ns() + options_.refresh_ms * ms;
    return {};
}

// One that came to be after the mapping: the child of a split or merge, or of a stream made again under its name.
Status Mapping::add_shard(const SourceShard& source) {
    TRY_ASSIGN(const Position start, source_->oldest(source));
    const ShardCheckpoint checkpoint{source.id, lanes_at(start, head_.lanes), false};
    table::WriteBatch batch;
    put_shard(source.key, checkpoint, std::nullopt, definition_.uuid, &batch);
    TRY(parts_.store.write(batch));
    Shard& shard = shards_[source.key];
    shard.source = source;
    make_lanes(shard, checkpoint);
    shards_changed_ = true;
    return {};
}

Status Mapping::forget() {
    shards_.clear();
    shards_changed_ = true;
    TRY(erase_checkpoint(parts_.store, definition_.uuid));
    if (Status removed = parts_.registry.remove(mapping_kind, definition_.scope, definition_.uuid);
        !removed.ok() && removed.error().code != ErrorCode::not_found)
        return removed;
    const std::lock_guard<std::mutex> lock(mutex_);
    gone_ = true;
    to_carry_out_ = false;
    new_definition_.reset();
    return {};
}

}  // namespace millrace::flow::mapping
