// Reading: iterators say where, GetRecords reads on from there.
#include <ctime>

#include "src/catalog/sequence_number.h"
#include "src/service/kinesis/errors.h"
#include "src/service/kinesis/kinesis.h"
#include "src/service/kinesis/limits.h"

namespace millrace::service::kinesis {
namespace {

std::string utc_text(TimestampMs time) {  // as Java's Date prints: "Tue Apr 05 00:00:00 UTC 2016"
    const std::time_t seconds = time.value() / 1000;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[64];
    std::strftime(text, sizeof text, "%a %b %d %H:%M:%S UTC %Y", &parts);
    return text;
}

}  // namespace

Outcome<shapes::GetShardIteratorOutput> Kinesis::get_shard_iterator(const CallContext& context,
                                                                    const shapes::GetShardIteratorInput& input) {
    TRY_ASSIGN(const StreamPointer live, find(context, input.StreamName, input.StreamARN));
    const catalog::Shard* shard = nullptr;
    for (const auto& one : live->stream.shards) {
        if (one.id == input.ShardId) shard = &one;
    }
    if (!shard) return shard_not_found(context.scope, live->stream.name, input.ShardId);
    const log::ShardKey key(shard->log_key);
    const std::string& type = input.ShardIteratorType;
    auto horizon = log_.horizon(key);
    auto end = log_.end(key);
    if (!horizon || !end) return stream_not_found(context.scope, live->stream.name);  // deleted meanwhile

    log::Position position = *horizon;
    if (type == "AT_SEQUENCE_NUMBER" || type == "AFTER_SEQUENCE_NUMBER") {
        if (!input.StartingSequenceNumber) {
            return invalid_argument(
                "Must either specify timestamp or starting sequence number: StartingSequenceNumber is "
                "required for ShardIteratorType " +
                type + ".");
        }
        const auto at = catalog::parse_sequence_number(*input.StartingSequenceNumber);
        if (!at || *at < shard->position_first || *at > end->value()) {
            return invalid_argument("StartingSequenceNumber " + *input.StartingSequenceNumber +
                                    " used in GetShardIterator on shard " + shard->id + " in stream " +
                                    live->stream.name + " under account " + context.scope.account +
                                    " is invalid because it did not come from this stream.");
        }
        const uint64_t from = *at + (type == "AFTER_SEQUENCE_NUMBER" ? 1 : 0);
        position = std::max(position, log::Position(from));
    } else if (type == "LATEST") {
        position = *end;
    } else if (type == "AT_TIMESTAMP") {
        if (!input.Timestamp) {
            return invalid_argument("Timestamp is required for ShardIteratorType AT_TIMESTAMP.");
        }
        if (*input.Timestamp > clock_.now()) {
            return invalid_argument(
                "The timestampInMillis parameter cannot be greater than the "
                "currentTimestampInMillis. timestampInMillis: " +
                std::to_string(input.Timestamp->value()) +
                ", currentTimestampInMillis: " + std::to_string(clock_.now().value()));
        }
        auto found = log_.find_time(key, *input.Timestamp);
        if (!found) return failure_of(found.error());
        position = *found;
    }
    shapes::GetShardIteratorOutput output;
    output.ShardIterator =
        tokens_.seal(ShardIterator{.log_key = key.value(), .position = position.value(), .issued = clock_.now()});
    return output;
}

Outcome<shapes::GetRecordsOutput> Kinesis::get_records(const CallContext& context,
                                                       const shapes::GetRecordsInput& input) {
    const auto iterator = tokens_.open_iterator(input.ShardIterator);
    if (!iterator) return invalid_argument("Invalid ShardIterator.");
    const TimestampMs now = clock_.now();
    if (now.value() - iterator->issued.value() > iterator_lifetime_ms) {
        return aws::Failure{"ExpiredIteratorException",
                            "Iterator expired. The iterator was created at time " + utc_text(iterator->issued) +
                                " while right now it is " + utc_text(now) +
                                " which is further in the future than the tolerated delay of " +
                                std::to_string(iterator_lifetime_ms) + " milliseconds."};
    }
    uint32_t index = 0;
    const StreamPointer live = streams_.find_shard(iterator->log_key, &index);
    if (!live || live->stream.scope != context.scope) {
        return aws::Failure{"ResourceNotFoundException", "The stream of this shard iterator does not exist."};
    }
    if (input.StreamARN && *input.StreamARN != live->arn) {
        return invalid_argument("StreamARN " + *input.StreamARN + " is not the stream of this shard iterator.");
    }
    const log::ShardKey key(iterator->log_key);
    const log::ReadLimits limits{.records_max = input.Limit ? static_cast<size_t>(*input.Limit) : get_records_count_max,
                                 .bytes_max = get_records_bytes_max};
    log::Position from(iterator->position);
    auto read = log_.read(key, from, limits);
    // Records that expired since the iterator was given are passed over, as AWS does.
    for (int attempt = 0; attempt < 3 && !read && read.error().code == ErrorCode::out_of_range; ++attempt) {
        auto horizon = log_.horizon(key);
        if (!horizon) return failure_of(horizon.error());
        read = log_.read(key, std::max(from, *horizon), limits);
    }
    if (!read) return failure_of(read.error());

    shapes::GetRecordsOutput output;
    output.Records.reserve(read->records.size());
    for (const log::RecordView& record : read->records) {
        shapes::Record& out = output.Records.emplace_back();
        out.SequenceNumber = catalog::sequence_number(record.position.value());
        out.ApproximateArrivalTimestamp = record.time;
        out.Data = record.data;
        out.PartitionKey = std::string(record.partition_key);
    }
    output.MillisBehindLatest = read->behind_ms;
    // As it was before the read: a shard that was closed then has given its last record at the end.
    if (live->stream.shards[index].position_last && read->at_end) {
        output.ChildShards = children_of(live->stream, live->stream.shards[index].id);
    } else {
        output.NextShardIterator =
            tokens_.seal(ShardIterator{.log_key = key.value(), .position = read->next.value(), .issued = clock_.now()});
    }
    return output;
}

}  // namespace millrace::service::kinesis
