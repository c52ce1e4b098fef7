#include "aws_example/kinesis/shapes.h"
#include "tests/aws/example/example.h"

#include "src/base/bytes.h"

namespace millrace::aws::testing {
namespace {

using namespace aws::kinesis;

Outcome<ListStreamsOutput> list_streams(Example&, const CallContext& context, const ListStreamsInput& input) {
    ListStreamsOutput output;
    output.StreamNames = {context.scope.account, context.scope.region, input.ExclusiveStartStreamName.value_or("-")};
    output.HasMoreStreams = input.Limit.value_or(0) > 1;
    return output;
}

Outcome<ListShardsOutput> list_shards(Example&, const CallContext&, const ListShardsInput& input) {
    if (!input.StreamName) return Failure{"ResourceNotFoundException", "Stream under account not found."};
    ListShardsOutput output;
    Shard shard;
    shard.ShardId = "shardId-000000000000";
    if (input.StreamCreationTimestamp) shard.ParentShardId = std::to_string(input.StreamCreationTimestamp->value());
    shard.HashKeyRange = {"0", "340282366920938463463374607431768211455"};
    shard.SequenceNumberRange.StartingSequenceNumber = "1";
    output.Shards = std::vector<Shard>{shard};
    return output;
}

// Answers at once: the I/O thread's own.
void add_tags(Example&, const CallContext&, const AddTagsToStreamInput& input, Reply<AddTagsToStreamOutput> reply) {
    if (input.Tags.contains("fail")) return reply(Failure{"InvalidArgumentException", input.Tags.at("fail")});
    reply(AddTagsToStreamOutput{});
}

// The data comes back as the sequence number, in hexadecimal.
void put_record(Example&, RawCall call) {
    const Outcome<PutRecordInput> input = call.decode<PutRecordInput>();
    if (!input.ok()) return call.fail(input.error());
    PutRecordOutput output;
    output.ShardId = input->PartitionKey.value_or("-");
    output.SequenceNumber = hex_encode(input->Data);
    call.succeed(output);
}

void put_records(Example&, RawCall call) {
    const Outcome<PutRecordsInput> input = call.decode<PutRecordsInput>();
    if (!input.ok()) return call.fail(input.error());
    PutRecordsOutput output;
    for (const PutRecordsRequestEntry& record : input->Records) {
        PutRecordsResultEntry& entry = output.Records.emplace_back();
        entry.ShardId = record.PartitionKey;
        entry.SequenceNumber = std::to_string(record.Data.size());
    }
    output.FailedRecordCount = 0;
    call.succeed(output);
}

Outcome<GetRecordsOutput> get_records(Example&, const CallContext&, const GetRecordsInput& input) {
    GetRecordsOutput output;
    Record record;
    record.SequenceNumber = "1";
    record.ApproximateArrivalTimestamp = TimestampMs(1'700'000'000'123);
    record.Data = std::string("\0\xff\x80 text", 8);
    record.PartitionKey = input.ShardIterator;
    output.Records.push_back(record);
    output.MillisBehindLatest = int64_t{1} << 40;
    return output;
}

Outcome<CreateStreamOutput> create_stream(Example&, const CallContext&, const CreateStreamInput&) {
    return CreateStreamOutput{};
}

}  // namespace

Service kinesis_service(Example& example) {
    return make_service(example, kinesis::model(),
                        {
                            MILLRACE_OPERATION(ListStreams, worker, read, "kinesis:ListStreams", &list_streams),
                            MILLRACE_OPERATION(ListShards, worker, read, "kinesis:ListShards", &list_shards),
                            MILLRACE_OPERATION(AddTagsToStream, direct, write, "kinesis:AddTagsToStream", &add_tags),
                            MILLRACE_OPERATION(PutRecord, raw, write, "kinesis:PutRecord", &put_record),
                            MILLRACE_OPERATION(PutRecords, raw, write, "kinesis:PutRecords", &put_records),
                            MILLRACE_OPERATION(GetRecords, worker, read, "kinesis:GetRecords", &get_records),
                            MILLRACE_OPERATION(CreateStream, worker, write, "kinesis:CreateStream", &create_stream)
                                .refuse("WarmThroughputMiBps", "nothing is kept warm here"),
                        });
}

}  // namespace millrace::aws::testing
