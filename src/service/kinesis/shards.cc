// Listing shards.
#include "src/catalog/sequence_number.h"
#include "src/service/kinesis/errors.h"
#include "src/service/kinesis/hash_key.h"
#include "src/service/kinesis/kinesis.h"
#include "src/service/kinesis/limits.h"

namespace millrace::service::kinesis {

shapes::Shard shard_shape(const catalog::Shard& shard) {
    shapes::Shard out;
    out.ShardId = shard.id;
    if (!shard.parent_id.empty()) out.ParentShardId = shard.parent_id;
    if (!shard.adjacent_parent_id.empty()) out.AdjacentParentShardId = shard.adjacent_parent_id;
    out.HashKeyRange.StartingHashKey = decimal(shard.hash_first);
    out.HashKeyRange.EndingHashKey = decimal(shard.hash_last);
    out.SequenceNumberRange.StartingSequenceNumber = catalog::sequence_number(shard.position_first);
    if (shard.position_last)
        out.SequenceNumberRange.EndingSequenceNumber = catalog::sequence_number(*shard.position_last);
    return out;
}

std::vector<shapes::ChildShard> children_of(const catalog::Stream& stream, const std::string& parent) {
    std::vector<shapes::ChildShard> children;
    for (const catalog::Shard& shard : stream.shards) {
        if (shard.parent_id != parent && shard.adjacent_parent_id != parent) continue;
        shapes::ChildShard& child = children.emplace_back();
        child.ShardId = shard.id;
        child.ParentShards.push_back(shard.parent_id);
        if (!shard.adjacent_parent_id.empty()) child.ParentShards.push_back(shard.adjacent_parent_id);
        child.HashKeyRange.StartingHashKey = decimal(shard.hash_first);
        child.HashKeyRange.EndingHashKey = decimal(shard.hash_last);
    }
    return children;
}

// "ChildShards" of the last event of a subscription; nullopt while the shard is open.
std::optional<std::string> Kinesis::children_json(log::ShardKey shard) {
    uint32_t index = 0;
    const StreamPointer live = streams_.find_shard(shard.value(), &index);
    if (!live || !live->stream.shards[index].position_last) return std::nullopt;
    std::string json = "[";
    for (const shapes::ChildShard& child : children_of(live->stream, live->stream.shards[index].id)) {
        if (json.size() > 1) json += ',';
        json += "{\"ShardId\":\"" + child.ShardId + "\",\"ParentShards\":[";
        for (const std::string& parent : child.ParentShards) {
            json += (&parent == &child.ParentShards.front() ? "\"" : ",\"") + parent + "\"";
        }
        json += "],\"HashKeyRange\":{\"StartingHashKey\":\"" + child.HashKeyRange.StartingHashKey +
                "\",\"EndingHashKey\":\"" + child.HashKeyRange.EndingHashKey + "\"}}";
    }
    return json + "]";
}

Outcome<shapes::ListShardsOutput> Kinesis::list_shards(const CallContext& context,
                                                       const shapes::ListShardsInput& input) {
    StreamPointer live;
    std::string after;
    if (input.NextToken) {
        if (input.StreamName || input.StreamCreationTimestamp || input.ExclusiveStartShardId) {
            return invalid_argument(
                "NextToken and StreamName, StreamCreationTimestamp or ExclusiveStartShardId cannot "
                "be provided together.");
        }
        const auto token = tokens_.open_page(*input.NextToken);
        if (!token || token->stream.empty()) return invalid_argument("Invalid NextToken.");
        if (clock_.now().value() - token->issued.value() > token_lifetime_ms) {
            return aws::Failure{"ExpiredNextTokenException", "The NextToken has expired."};
        }
        live = streams_.find(context.scope, token->stream);
        if (!live || live->stream.incarnation != token->incarnation) {
            return stream_not_found(context.scope, token->stream);
        }
        after = token->after;
    } else {
        TRY_ASSIGN(live, find(context, input.StreamName, input.StreamARN));
        if (input.StreamCreationTimestamp &&
            input.StreamCreationTimestamp->value() / 1000 != live->stream.created.value() / 1000) {
            return stream_not_found(context.scope, live->stream.name);
        }
        after = input.ExclusiveStartShardId.value_or("");
    }
    const catalog::Stream& stream = live->stream;

    const auto& filter = input.ShardFilter;
    const std::string type = filter ? filter->Type : "FROM_TRIM_HORIZON";
    const bool by_time = type == "AT_TIMESTAMP" || type == "FROM_TIMESTAMP";
    if (type == "AFTER_SHARD_ID") {
        if (!filter->ShardId) return invalid_argument("ShardId is required when the filter type is AFTER_SHARD_ID.");
        after = std::max(after, *filter->ShardId);
    } else if (filter && filter->ShardId) {
        return invalid_argument("ShardId may only be given with the filter type AFTER_SHARD_ID.");
    }
    if (by_time && !filter->Timestamp)
        return invalid_argument("Timestamp is required when the filter type is " + type + ".");
    if (!by_time && filter && filter->Timestamp) {
        return invalid_argument("Timestamp may only be given with the filter types AT_TIMESTAMP and FROM_TIMESTAMP.");
    }

    // Of a time before the oldest record that may be there, the trim horizon's is meant.
    const TimestampMs horizon =
        std::max(stream.created, TimestampMs(clock_.now().value() - int64_t{stream.retention_hours} * 3'600'000));
    const TimestampMs time = by_time ? std::max(*filter->Timestamp, horizon) : horizon;
    const bool open_at_time = type == "AT_TIMESTAMP" || type == "AT_TRIM_HORIZON";
    shapes::ListShardsOutput output;
    output.Shards.emplace();
    const size_t limit = input.MaxResults ? static_cast<size_t>(*input.MaxResults) : list_shards_default;
    for (const auto& shard : stream.shards) {
        if (shard.id <= after) continue;
        if (type == "AT_LATEST" && !shard.takes_records()) continue;
        if (open_at_time && shard.created > time) continue;
        if ((open_at_time || type == "FROM_TIMESTAMP") && shard.position_last && shard.closed < time) continue;
        if (output.Shards->size() == limit) {
            output.NextToken = tokens_.seal(PageToken{.stream = stream.name,
                                                      .incarnation = stream.incarnation,
                                                      .after = output.Shards->back().ShardId,
                                                      .issued = clock_.now()});
            break;
        }
        output.Shards->push_back(shard_shape(shard));
    }
    return output;
}

}  // namespace millrace::service::kinesis
