// Reading: iterators say where, GetRecords reads on from there.
#include "src/io/clock.h"
#include "src/service/dynamodbstreams/errors.h"
#include "src/service/dynamodbstreams/record.h"
#include "src/service/dynamodbstreams/streams.h"
#include "src/table/change_names.h"

namespace millrace::service::dynamodbstreams {
namespace {

constexpr int32_t records_max = 1000;
constexpr size_t records_bytes_max = 1 << 20;

}  // namespace

Outcome<shapes::GetShardIteratorOutput> Streams::get_shard_iterator(const CallContext& context,
                                                                    const shapes::GetShardIteratorInput& input) {
    TRY_ASSIGN(const Found found, find(context, input.StreamArn));
    const auto shard = table::find_shard(*found.stream, input.ShardId);
    if (!shard) return shard_not_found(input.ShardId, input.StreamArn);
    const std::string& type = input.ShardIteratorType;
    const bool by_number = type == "AT_SEQUENCE_NUMBER" || type == "AFTER_SEQUENCE_NUMBER";
    if (by_number != input.SequenceNumber.has_value()) {
        return validation(by_number ? "SequenceNumber is required for ShardIteratorType " + type
                                    : "SequenceNumber can not be given for ShardIteratorType " + type);
    }
    if ((type == "AT_TIMESTAMP") != input.Timestamp.has_value()) {
        return validation(input.Timestamp ? "Timestamp can not be given for ShardIteratorType " + type
                                          : "Timestamp is required for ShardIteratorType " + type);
    }
    const uint64_t begin = tables_.changes_begin(found.stream->id, *shard).value();
    uint64_t sequence = begin;
    if (by_number) {
        const auto given = table::parse_sequence(*input.SequenceNumber);
        const uint64_t end = tables_.changes_end(found.stream->id, *shard).value();
        if (!given || given->value() > end) {
            return validation("Invalid SequenceNumber: " + *input.SequenceNumber + " is not one of shard " +
                              input.ShardId);
        }
        // One step over a record that is gone loses nothing: what follows it is all that there is.
        sequence = given->value() + (type == "AFTER_SEQUENCE_NUMBER" ? 1 : 0);
        if (sequence < begin) return trimmed();
    } else if (type == "LATEST") {
        sequence = tables_.changes_end(found.stream->id, *shard).value();
    } else if (type == "AT_TIMESTAMP") {
        auto at = tables_.changes_at(found.stream->id, *shard, *input.Timestamp);
        if (!at.ok()) return failure_of(at.error());
        sequence = at->value();
    }
    shapes::GetShardIteratorOutput output;
    output.ShardIterator = iterators_.seal({.stream_arn = input.StreamArn,
                                            .stream_id = found.stream->id,
                                            .shard = *shard,
                                            .sequence = sequence,
                                            .issued = clock_.now()});
    return output;
}

Outcome<shapes::GetRecordsOutput> Streams::get_records(const CallContext& context,
                                                       const shapes::GetRecordsInput& input) {
    auto iterator = iterators_.open(input.ShardIterator);
    if (!iterator) return validation("Invalid ShardIterator");
    const TimestampMs now = clock_.now();
    if (now.value() - iterator->issued.value() > iterator_lifetime_ms) {
        return aws::Failure{"ExpiredIteratorException", "Iterator expired: it was given more than 15 minutes ago"};
    }
    if (input.Limit && *input.Limit > records_max) {
        return validation("1 validation error detected: Value '" + std::to_string(*input.Limit) +
                          "' at 'limit' failed to satisfy constraint: Member must have value less than or equal to " +
                          std::to_string(records_max));
    }
    TRY_ASSIGN(const Found found, find(context, iterator->stream_arn));
    if (found.stream->id != iterator->stream_id) return stream_not_found(iterator->stream_arn);
    auto changes = tables_.changes(iterator->stream_id, iterator->shard, table::ChangeSequence(iterator->sequence),
                                   static_cast<size_t>(input.Limit.value_or(records_max)), records_bytes_max);
    if (!changes.ok()) return failure_of(changes.error());

    shapes::GetRecordsOutput output;
    output.Records.emplace();
    output.Records->reserve(changes->changes.size());
    for (const table::Change& change : changes->changes) {
        auto record = record_of(change, *found.table, *found.stream);
        if (!record.ok()) return failure_of(record.error());
        output.Records->push_back(*std::move(record));
    }
    // A stream that is switched off is closed: who has read all of it gets no further iterator.
    if (found.stream->enabled || !changes->at_end) {
        iterator->sequence = changes->next.value();
        iterator->issued = now;
        output.NextShardIterator = iterators_.seal(*iterator);
    }
    return output;
}

}  // namespace millrace::service::dynamodbstreams
