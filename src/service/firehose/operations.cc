// The table of Firehose: one row an operation. src/aws/README.md says how rows are written.
#include "src/service/firehose/operations.h"

#include "src/service/firehose/firehose.h"

namespace millrace::service::firehose {

using namespace aws::firehose;  // the generated shapes

namespace {

constexpr std::string_view destination_reason = "records are delivered to S3 only";
constexpr std::string_view source_reason = "records come from DirectPut or a Kinesis stream";
constexpr std::string_view encryption_reason = "server-side encryption with KMS is not served yet";
constexpr std::string_view backup_reason = "source record backup is not served yet";

}  // namespace

aws::Service operations(Firehose& firehose) {
    return aws::make_service(
        firehose, model(),
        {
            MILLRACE_OPERATION(CreateDeliveryStream, worker, write, "firehose:CreateDeliveryStream",
                               &Firehose::create_delivery_stream)
                .refuse("RedshiftDestinationConfiguration", destination_reason)
                .refuse("ElasticsearchDestinationConfiguration", destination_reason)
                .refuse("AmazonopensearchserviceDestinationConfiguration", destination_reason)
                .refuse("SplunkDestinationConfiguration", destination_reason)
                .refuse("HttpEndpointDestinationConfiguration", destination_reason)
                .refuse("AmazonOpenSearchServerlessDestinationConfiguration", destination_reason)
                .refuse("SnowflakeDestinationConfiguration", destination_reason)
                .refuse("IcebergDestinationConfiguration", destination_reason)
                .refuse("MSKSourceConfiguration", source_reason)
                .refuse("DatabaseSourceConfiguration", source_reason)
                .refuse("DeliveryStreamEncryptionConfigurationInput", encryption_reason)
                .refuse("ExtendedS3DestinationConfiguration.S3BackupConfiguration", backup_reason),
            MILLRACE_OPERATION(DescribeDeliveryStream, worker, read, "firehose:DescribeDeliveryStream",
                               &Firehose::describe_delivery_stream),
            MILLRACE_OPERATION(ListDeliveryStreams, worker, read, "firehose:ListDeliveryStreams",
                               &Firehose::list_delivery_streams),
            MILLRACE_OPERATION(DeleteDeliveryStream, worker, write, "firehose:DeleteDeliveryStream",
                               &Firehose::delete_delivery_stream),
            MILLRACE_OPERATION(UpdateDestination, worker, write, "firehose:UpdateDestination",
                               &Firehose::update_destination)
                .refuse("RedshiftDestinationUpdate", destination_reason)
                .refuse("ElasticsearchDestinationUpdate", destination_reason)
                .refuse("AmazonopensearchserviceDestinationUpdate", destination_reason)
                .refuse("SplunkDestinationUpdate", destination_reason)
                .refuse("HttpEndpointDestinationUpdate", destination_reason)
                .refuse("AmazonOpenSearchServerlessDestinationUpdate", destination_reason)
                .refuse("SnowflakeDestinationUpdate", destination_reason)
                .refuse("IcebergDestinationUpdate", destination_reason)
                .refuse("ExtendedS3DestinationUpdate.S3BackupUpdate", backup_reason),
            MILLRACE_OPERATION(PutRecord, raw, write, "firehose:PutRecord", &Firehose::put_record),
            MILLRACE_OPERATION(PutRecordBatch, raw, write, "firehose:PutRecordBatch", &Firehose::put_record_batch),
            MILLRACE_OPERATION(TagDeliveryStream, worker, write, "firehose:TagDeliveryStream",
                               &Firehose::tag_delivery_stream),
            MILLRACE_OPERATION(UntagDeliveryStream, worker, write, "firehose:UntagDeliveryStream",
                               &Firehose::untag_delivery_stream),
            MILLRACE_OPERATION(ListTagsForDeliveryStream, worker, read, "firehose:ListTagsForDeliveryStream",
                               &Firehose::list_tags_for_delivery_stream),
        });
}

}  // namespace millrace::service::firehose
