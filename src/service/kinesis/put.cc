// PutRecord and PutRecords. They run on the I/O thread: routed, copied into log batches, appended; the log's writer
// thread answers once the records are durable.
//
// JSON, which nearly everyone sends, takes the hot path of put_json.cc. Whatever that finds unusual - another protocol,
// a member it does not know, a limit broken, a malformed body - comes here, where the generic codec decodes and
// validates with AWS's sentences.
#include "src/catalog/sequence_number.h"
#include "src/service/kinesis/errors.h"
#include "src/service/kinesis/hash_key.h"
#include "src/service/kinesis/kinesis.h"
#include "src/service/kinesis/limits.h"
#include "src/service/kinesis/put_answer.h"
#include "src/service/kinesis/put_batch.h"

namespace millrace::service::kinesis {
namespace {

std::optional<aws::Failure> check_record(const catalog::Stream& stream, const std::optional<std::string>& key,
                                         const std::string& data, const std::string& where) {
    if (!key) {
        return validation("Value null at '" + where +
                          "partitionKey' failed to satisfy constraint: Member must not be null");
    }
    const size_t most = static_cast<size_t>(stream.record_kib_max) * 1024;
    if (data.size() + key->size() > most) {
        return validation("Value at '" + where +
                          "data' failed to satisfy constraint: Member must have length less than "
                          "or equal to " +
                          std::to_string(most) + " (data and partition key together)");
    }
    return std::nullopt;
}

aws::Failure bad_hash_key(const std::string& key) {
    return invalid_argument(
        "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value "
        "was " +
        key);
}

}  // namespace

shapes::PutRecordsOutput throttled(const LiveStream& live, size_t count, const Error& error) {
    shapes::PutRecordsOutput output;
    output.FailedRecordCount = static_cast<int32_t>(count);
    shapes::PutRecordsResultEntry entry;
    entry.ErrorCode = "ProvisionedThroughputExceededException";
    entry.ErrorMessage = "Rate exceeded for stream " + live.stream.name + " under account " +
                         live.stream.scope.account + ": " + error.message;
    output.Records.assign(count, entry);
    return output;
}

void Kinesis::put_record(aws::RawCall call) {
    if (is_json(call.protocol()) && put_record_json(call)) return;
    auto input = call.decode<shapes::PutRecordInput>();
    if (!input) return call.fail(input.error());
    auto live = find(call.context(), input->StreamName, input->StreamARN);
    if (!live) return call.fail(live.error());
    const std::optional<std::string> key(input->PartitionKey);
    if (auto failure = check_record((*live)->stream, key, input->Data, "")) return call.fail(*failure);
    // Numbers grow with every record, so ordering after an earlier one is what happens anyway; but it must be ours.
    if (input->SequenceNumberForOrdering && !catalog::parse_sequence_number(*input->SequenceNumberForOrdering)) {
        return call.fail(invalid_argument("ExclusiveMinimumSequenceNumber " + *input->SequenceNumberForOrdering +
                                          " used in PutRecord on stream " + (*live)->stream.name + " under account " +
                                          call.context().scope.account +
                                          " is invalid because it did not come from this stream."));
    }
    auto put = std::make_shared<PutBatch>(*live, input->Data.size() + key->size() + 64);
    log::Batch* const batch = put->route(*key, input->ExplicitHashKey.value_or(""));
    if (!batch) return call.fail(bad_hash_key(*input->ExplicitHashKey));
    batch->add(*key, input->Data);
    put->placed(input->Data.size() + key->size());
    log_.append(put->take_batches(), [call, put](Result<std::vector<log::Appended>> result) {
        if (!result) return call.fail(failure_of(result.error()));
        shapes::PutRecordOutput output;
        put->for_each(*result, [&](uint32_t shard, log::Position position) {
            output.ShardId = put->live().stream.shards[shard].id;
            output.SequenceNumber = catalog::sequence_number(position.value());
        });
        call.succeed(output);
    });
}

void Kinesis::put_records(aws::RawCall call) {
    if (is_json(call.protocol()) && put_records_json(call)) return;
    auto input = call.decode<shapes::PutRecordsInput>();
    if (!input) return call.fail(input.error());
    auto live = find(call.context(), input->StreamName, input->StreamARN);
    if (!live) return call.fail(live.error());
    size_t bytes = 0;
    for (size_t i = 0; i < input->Records.size(); ++i) {
        const auto& record = input->Records[i];
        const std::optional<std::string> key(record.PartitionKey);
        const std::string where = "records." + std::to_string(i + 1) + ".member.";
        if (auto failure = check_record((*live)->stream, key, record.Data, where)) return call.fail(*failure);
        if (record.ExplicitHashKey && !parse_hash_key(*record.ExplicitHashKey)) {
            return call.fail(bad_hash_key(*record.ExplicitHashKey));
        }
        bytes += record.Data.size() + key->size();
    }
    if (bytes > put_records_bytes_max) {
        return call.fail(
            invalid_argument("Records size exceeds " + std::to_string(put_records_bytes_max >> 20) + " MB limit"));
    }
    auto put = std::make_shared<PutBatch>(*live, bytes + 64 * input->Records.size());
    for (const auto& record : input->Records) {
        const std::optional<std::string> key(record.PartitionKey);
        put->route(*key, record.ExplicitHashKey.value_or(""))->add(*key, record.Data);
        put->placed(record.Data.size() + key->size());
    }
    log_.append(put->take_batches(), [call, put](Result<std::vector<log::Appended>> result) {
        if (!result && result.error().code == ErrorCode::resource_exhausted) {
            return call.succeed(throttled(put->live(), put->count(), result.error()));
        }
        if (!result) return call.fail(failure_of(result.error()));
        shapes::PutRecordsOutput output;
        output.FailedRecordCount = 0;
        output.Records.reserve(put->count());
        put->for_each(*result, [&](uint32_t shard, log::Position position) {
            auto& entry = output.Records.emplace_back();
            entry.ShardId = put->live().stream.shards[shard].id;
            entry.SequenceNumber = catalog::sequence_number(position.value());
        });
        call.succeed(output);
    });
}

}  // namespace millrace::service::kinesis
