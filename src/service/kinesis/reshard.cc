// Splitting and merging shards. The way of a change, so that no acknowledged record is lost or overlooked:
//
//   1. the new shards are made in the log;
//   2. one durable write names them and marks the old ones as closing: a crash from here on finds the new ones;
//   3. puts see the new division: none that begins now reaches an old shard;
//   4. puts that began before are waited for: they hold the old division until they are answered;
//   5. a second durable write closes the old shards where their records end. Readers go over to the children then.
//
// After a crash between 2 and 5 the start does 5: nothing is being put then.
#include <algorithm>
#include <chrono>
#include <thread>

#include "src/service/kinesis/errors.h"
#include "src/service/kinesis/hash_key.h"
#include "src/service/kinesis/kinesis.h"
#include "src/service/kinesis/limits.h"

namespace millrace::service::kinesis {
namespace {

constexpr auto puts_wait_max = std::chrono::seconds(10);
constexpr auto puts_look = std::chrono::milliseconds(1);

bool is_closing(const catalog::Stream& stream) {
    return std::any_of(stream.shards.begin(), stream.shards.end(),
                       [](const catalog::Shard& shard) { return shard.closing && !shard.position_last; });
}

std::string under(const catalog::Stream& stream) {
    return "in stream " + stream.name + " under account " + stream.scope.account;
}

// An open shard's index. ResourceNotFoundException, or InvalidArgumentException where it is closed.
Outcome<size_t> open_shard(const catalog::Stream& stream, const std::string& id) {
    for (size_t i = 0; i < stream.shards.size(); ++i) {
        if (stream.shards[i].id != id) continue;
        if (stream.shards[i].takes_records()) return i;
        return invalid_argument("Shard " + id + " " + under(stream) + " is closed: it was split or merged.");
    }
    return shard_not_found(stream.scope, stream.name, id);
}

std::optional<aws::Failure> check_provisioned(const catalog::Stream& stream) {
    if (!stream.on_demand) return std::nullopt;
    return aws::Failure{"ValidationException", "Request is invalid. Stream " + stream.name + " under account " +
                                                   stream.scope.account + " is in On-Demand mode."};
}

// Until every put that was routed by an earlier division has been answered. False where that takes too long.
bool wait_for_puts(StreamTable& streams, const catalog::Stream& stream) {
    const auto end = std::chrono::steady_clock::now() + puts_wait_max;
    while (!streams.settled(stream)) {
        if (std::chrono::steady_clock::now() >= end) return false;
        std::this_thread::sleep_for(puts_look);
    }
    return true;
}

}  // namespace

std::optional<aws::Failure> Kinesis::reshard(StreamPointer live, Division division) {
    catalog::Stream stream = live->stream;
    const size_t first_new = division.first_new();
    stream.shards = division.take();
    const size_t count = stream.shards.size() - first_new;
    if (count == 0) return std::nullopt;
    if (is_closing(live->stream)) {
        return aws::Failure{"ResourceInUseException", "Stream " + stream.name + " under account " +
                                                          stream.scope.account +
                                                          " not ACTIVE, instead in state UPDATING"};
    }
    if (stream.shards.size() > 2 * static_cast<size_t>(shards_max)) {
        return limit_exceeded("The stream has too many closed shards whose records are still kept.");
    }
    if (auto failure = check_room(stream.scope, count)) return failure;
    const auto first = log_.create_shards(count);
    if (!first) return failure_of(first.error());
    std::vector<log::ShardKey> keys;
    for (size_t i = 0; i < count; ++i) {
        keys.emplace_back(first->value() + i);
        auto position = log_.horizon(keys.back());
        if (!position) return failure_of(position.error());
        catalog::Shard& shard = stream.shards[first_new + i];
        shard.log_key = keys.back().value();
        shard.position_first = position->value();
    }
    // Where this fails, it may be on disk all the same, and names the new shards after a restart: they stay. A start
    // drops those that nobody names.
    if (auto replaced = streams_.replace(stream); !replaced) return failure_of(replaced.error());
    live.reset();  // ours is an earlier state, too
    // Where puts hang (a disk that does not answer), the retention thread closes the shards later.
    if (!wait_for_puts(streams_, stream)) return std::nullopt;
    if (auto closed = close_shards(std::move(stream)); !closed) return failure_of(closed.error());
    return std::nullopt;
}

// Step 5; nothing is being put into shards that are closing. Does nothing where there are none.
Status Kinesis::close_shards(catalog::Stream stream) {
    bool changed = false;
    for (catalog::Shard& shard : stream.shards) {
        if (!shard.closing || shard.position_last) continue;
        TRY_ASSIGN(const log::Position end, log_.end(log::ShardKey(shard.log_key)));
        shard.position_last = std::max(end.value(), shard.position_first);
        shard.closed = clock_.now();
        changed = true;
    }
    return changed ? streams_.replace(std::move(stream)) : Status();
}

void Kinesis::close_late(const StreamPointer& live) {
    if (!is_closing(live->stream)) return;
    const std::lock_guard lock(streams_.edit_mutex());
    const StreamPointer now = streams_.find(live->stream.scope, live->stream.name);
    if (now && streams_.settled(now->stream)) (void)close_shards(now->stream);  // again in a minute
}

// Closed shards leave with their last record.
void Kinesis::drop_expired_shards(const StreamPointer& live, TimestampMs oldest) {
    const auto expired = [&](const catalog::Shard& shard) { return shard.position_last && shard.closed < oldest; };
    if (std::none_of(live->stream.shards.begin(), live->stream.shards.end(), expired)) return;
    const std::lock_guard lock(streams_.edit_mutex());
    StreamPointer now = streams_.find(live->stream.scope, live->stream.name);
    if (!now || now->stream.incarnation != live->stream.incarnation) return;
    catalog::Stream stream = now->stream;
    std::vector<uint64_t> keys;
    for (const catalog::Shard& shard : stream.shards) {
        if (expired(shard)) keys.push_back(shard.log_key);
    }
    std::erase_if(stream.shards, expired);
    for (const uint64_t key : keys) {
        if (!streams_.forget_shard(stream, key).ok()) return;  // again in a minute
    }
    std::vector<log::ShardKey> gone(keys.begin(), keys.end());
    (void)log_.drop_shards(gone);  // what stays is found to be nobody's at the next start
}

Outcome<shapes::SplitShardOutput> Kinesis::split_shard(const CallContext& context,
                                                       const shapes::SplitShardInput& input) {
    const std::lock_guard lock(streams_.edit_mutex());
    TRY_ASSIGN(StreamPointer live, find(context, input.StreamName, input.StreamARN));
    if (auto failure = check_provisioned(live->stream)) return *std::move(failure);
    TRY_ASSIGN(const size_t at, open_shard(live->stream, input.ShardToSplit));
    const catalog::Shard& shard = live->stream.shards[at];
    const auto key = parse_hash_key(input.NewStartingHashKey);
    // Both halves hold more than a single key.
    const bool inside = key && shard.hash_first < *key && shard.hash_first < key_before(*key) && *key < shard.hash_last;
    if (!inside) {
        return invalid_argument(
            "NewStartingHashKey " + input.NewStartingHashKey + " used in SplitShard() on shard " + shard.id + " " +
            under(live->stream) + " is not both greater than one plus the shard's StartingHashKey " +
            decimal(shard.hash_first) + " and less than the shard's EndingHashKey " + decimal(shard.hash_last) + ".");
    }
    Division division(live->stream.shards, clock_.now());
    division.split(at, *key);
    if (auto failure = reshard(std::move(live), std::move(division))) return *std::move(failure);
    return shapes::SplitShardOutput{};
}

Outcome<shapes::MergeShardsOutput> Kinesis::merge_shards(const CallContext& context,
                                                         const shapes::MergeShardsInput& input) {
    const std::lock_guard lock(streams_.edit_mutex());
    TRY_ASSIGN(StreamPointer live, find(context, input.StreamName, input.StreamARN));
    if (auto failure = check_provisioned(live->stream)) return *std::move(failure);
    TRY_ASSIGN(const size_t one, open_shard(live->stream, input.ShardToMerge));
    TRY_ASSIGN(const size_t other, open_shard(live->stream, input.AdjacentShardToMerge));
    if (!are_neighbours(live->stream.shards[one], live->stream.shards[other])) {
        return invalid_argument("Shards " + input.ShardToMerge + " and " + input.AdjacentShardToMerge + " " +
                                under(live->stream) + " are not an adjacent pair of shards eligible for merging");
    }
    Division division(live->stream.shards, clock_.now());
    division.merge(one, other);
    if (auto failure = reshard(std::move(live), std::move(division))) return *std::move(failure);
    return shapes::MergeShardsOutput{};
}

Outcome<shapes::UpdateShardCountOutput> Kinesis::update_shard_count(const CallContext& context,
                                                                    const shapes::UpdateShardCountInput& input) {
    const std::lock_guard lock(streams_.edit_mutex());
    TRY_ASSIGN(StreamPointer live, find(context, input.StreamName, input.StreamARN));
    if (auto failure = check_provisioned(live->stream)) return *std::move(failure);
    const auto now = static_cast<int32_t>(live->open.size());
    const int32_t wanted = input.TargetShardCount;
    const std::string counts =
        " Current open shard count: " + std::to_string(now) + " Target shard count: " + std::to_string(wanted);
    if (wanted > 2 * now) {
        return invalid_argument("UpdateShardCount cannot scale up over double your current open shard count." + counts);
    }
    if (2 * wanted < now) {
        return invalid_argument("UpdateShardCount cannot scale down below half your current open shard count." +
                                counts);
    }
    if (wanted > shards_max) {
        return limit_exceeded("A stream may have up to " + std::to_string(shards_max) + " shards; " +
                              std::to_string(wanted) + " were asked for.");
    }
    Division division(live->stream.shards, clock_.now());
    division.even_out(static_cast<uint32_t>(wanted));
    shapes::UpdateShardCountOutput output;
    output.StreamName = live->stream.name;
    output.StreamARN = live->arn;
    output.CurrentShardCount = now;
    output.TargetShardCount = wanted;
    if (auto failure = reshard(std::move(live), std::move(division))) return *std::move(failure);
    return output;
}

}  // namespace millrace::service::kinesis
