// The table of Kinesis: one row an operation. src/aws/README.md says how rows are written.
#include "src/service/kinesis/operations.h"

#include "src/service/kinesis/kinesis.h"

namespace millrace::service::kinesis {
namespace {

constexpr std::string_view no_stream_id = "streams are named by StreamName or StreamARN here";
constexpr std::string_view no_dry_run = "there is no trial run: call without it";

}  // namespace

using namespace aws::kinesis;  // the generated shapes

aws::Service operations(Kinesis& kinesis) {
    return aws::make_service(
        kinesis, model(),
        {
            MILLRACE_OPERATION(CreateStream, worker, write, "kinesis:CreateStream", &Kinesis::create_stream)
                .refuse("WarmThroughputMiBps", "streams have no reserved capacity")
                .refuse("RecordDistributionStrategy", "records are distributed by their partition keys"),
            MILLRACE_OPERATION(DeleteStream, worker, write, "kinesis:DeleteStream", &Kinesis::delete_stream)
                .refuse("StreamId", no_stream_id),
            MILLRACE_OPERATION(DescribeStream, worker, read, "kinesis:DescribeStream", &Kinesis::describe_stream)
                .refuse("StreamId", no_stream_id),
            MILLRACE_OPERATION(DescribeStreamSummary, worker, read, "kinesis:DescribeStreamSummary",
                               &Kinesis::describe_stream_summary)
                .refuse("StreamId", no_stream_id),
            MILLRACE_OPERATION(ListStreams, worker, read, "kinesis:ListStreams", &Kinesis::list_streams),
            MILLRACE_OPERATION(ListShards, worker, read, "kinesis:ListShards", &Kinesis::list_shards)
                .refuse("StreamId", no_stream_id),
            MILLRACE_OPERATION(SplitShard, worker, write, "kinesis:SplitShard", &Kinesis::split_shard)
                .refuse("StreamId", no_stream_id),
            MILLRACE_OPERATION(MergeShards, worker, write, "kinesis:MergeShards", &Kinesis::merge_shards)
                .refuse("StreamId", no_stream_id),
            MILLRACE_OPERATION(UpdateShardCount, worker, write, "kinesis:UpdateShardCount",
                               &Kinesis::update_shard_count)
                .refuse("StreamId", no_stream_id),
            MILLRACE_OPERATION(UpdateStreamMode, worker, write, "kinesis:UpdateStreamMode",
                               &Kinesis::update_stream_mode)
                .refuse("StreamId", no_stream_id)
                .refuse("WarmThroughputMiBps", "streams have no reserved capacity"),
            MILLRACE_OPERATION(IncreaseStreamRetentionPeriod, worker, write, "kinesis:IncreaseStreamRetentionPeriod",
                               &Kinesis::increase_retention)
                .refuse("StreamId", no_stream_id),
            MILLRACE_OPERATION(DecreaseStreamRetentionPeriod, worker, write, "kinesis:DecreaseStreamRetentionPeriod",
                               &Kinesis::decrease_retention)
                .refuse("StreamId", no_stream_id),
            MILLRACE_OPERATION(UpdateMaxRecordSize, worker, write, "kinesis:UpdateMaxRecordSize",
                               &Kinesis::update_max_record_size)
                .refuse("StreamId", no_stream_id),
            MILLRACE_OPERATION(DescribeLimits, worker, read, "kinesis:DescribeLimits", &Kinesis::describe_limits),
            MILLRACE_OPERATION(PutRecord, raw, write, "kinesis:PutRecord", &Kinesis::put_record)
                .refuse("StreamId", no_stream_id)
                .refuse("DryRun", no_dry_run),
            MILLRACE_OPERATION(PutRecords, raw, write, "kinesis:PutRecords", &Kinesis::put_records)
                .refuse("StreamId", no_stream_id)
                .refuse("DryRun", no_dry_run),
            MILLRACE_OPERATION(GetShardIterator, worker, read, "kinesis:GetShardIterator", &Kinesis::get_shard_iterator)
                .refuse("StreamId", no_stream_id)
                .refuse("DryRun", no_dry_run),
            MILLRACE_OPERATION(GetRecords, worker, read, "kinesis:GetRecords", &Kinesis::get_records)
                .refuse("StreamId", no_stream_id)
                .refuse("DryRun", no_dry_run),
            MILLRACE_OPERATION(RegisterStreamConsumer, worker, write, "kinesis:RegisterStreamConsumer",
                               &Kinesis::register_stream_consumer)
                .refuse("StreamId", no_stream_id)
                .refuse("Tags", "consumers carry no tags"),
            MILLRACE_OPERATION(DeregisterStreamConsumer, worker, write, "kinesis:DeregisterStreamConsumer",
                               &Kinesis::deregister_stream_consumer)
                .refuse("StreamId", no_stream_id),
            MILLRACE_OPERATION(DescribeStreamConsumer, worker, read, "kinesis:DescribeStreamConsumer",
                               &Kinesis::describe_stream_consumer)
                .refuse("StreamId", no_stream_id),
            MILLRACE_OPERATION(ListStreamConsumers, worker, read, "kinesis:ListStreamConsumers",
                               &Kinesis::list_stream_consumers)
                .refuse("StreamId", no_stream_id),
            MILLRACE_OPERATION(SubscribeToShard, worker, read, "kinesis:SubscribeToShard", &Kinesis::subscribe_to_shard)
                .refuse("StreamId", no_stream_id)
                .refuse("DryRun", no_dry_run),
            MILLRACE_OPERATION(AddTagsToStream, worker, write, "kinesis:AddTagsToStream", &Kinesis::add_tags_to_stream)
                .refuse("StreamId", no_stream_id),
            MILLRACE_OPERATION(RemoveTagsFromStream, worker, write, "kinesis:RemoveTagsFromStream",
                               &Kinesis::remove_tags_from_stream)
                .refuse("StreamId", no_stream_id),
            MILLRACE_OPERATION(ListTagsForStream, worker, read, "kinesis:ListTagsForStream",
                               &Kinesis::list_tags_for_stream)
                .refuse("StreamId", no_stream_id),
            MILLRACE_OPERATION(TagResource, worker, write, "kinesis:TagResource", &Kinesis::tag_resource)
                .refuse("StreamId", no_stream_id),
            MILLRACE_OPERATION(UntagResource, worker, write, "kinesis:UntagResource", &Kinesis::untag_resource)
                .refuse("StreamId", no_stream_id),
            MILLRACE_OPERATION(ListTagsForResource, worker, read, "kinesis:ListTagsForResource",
                               &Kinesis::list_tags_for_resource)
                .refuse("StreamId", no_stream_id),
        });
}

}  // namespace millrace::service::kinesis
