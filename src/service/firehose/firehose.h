// Firehose: the object behind the operations. Decodes, asks the flow engine, encodes; keeps nothing itself.
#pragma once

#include "aws/firehose/shapes.h"

#include "src/aws/call.h"
#include "src/flow/engine.h"

namespace millrace::log {
class Log;
}

namespace millrace::service::firehose {

class Firehose {
  public:
    // Both outlive it.
    Firehose(flow::Engine& engine, log::Log& log) : engine_(engine), log_(log) {}

    // delivery_streams.cc
    aws::Outcome<aws::firehose::CreateDeliveryStreamOutput> create_delivery_stream(
        const aws::CallContext& context, const aws::firehose::CreateDeliveryStreamInput& input);
    aws::Outcome<aws::firehose::DescribeDeliveryStreamOutput> describe_delivery_stream(
        const aws::CallContext& context, const aws::firehose::DescribeDeliveryStreamInput& input);
    aws::Outcome<aws::firehose::ListDeliveryStreamsOutput> list_delivery_streams(
        const aws::CallContext& context, const aws::firehose::ListDeliveryStreamsInput& input);
    aws::Outcome<aws::firehose::DeleteDeliveryStreamOutput> delete_delivery_stream(
        const aws::CallContext& context, const aws::firehose::DeleteDeliveryStreamInput& input);
    aws::Outcome<aws::firehose::UpdateDestinationOutput> update_destination(
        const aws::CallContext& context, const aws::firehose::UpdateDestinationInput& input);

    // tags.cc
    aws::Outcome<aws::firehose::TagDeliveryStreamOutput> tag_delivery_stream(
        const aws::CallContext& context, const aws::firehose::TagDeliveryStreamInput& input);
    aws::Outcome<aws::firehose::UntagDeliveryStreamOutput> untag_delivery_stream(
        const aws::CallContext& context, const aws::firehose::UntagDeliveryStreamInput& input);
    aws::Outcome<aws::firehose::ListTagsForDeliveryStreamOutput> list_tags_for_delivery_stream(
        const aws::CallContext& context, const aws::firehose::ListTagsForDeliveryStreamInput& input);

    // records.cc: on the I/O thread; an answer follows the log's fdatasync.
    void put_record(aws::RawCall call);
    void put_record_batch(aws::RawCall call);

  private:
    flow::Engine& engine_;
    log::Log& log_;
};

}  // namespace millrace::service::firehose
