// Between the API's shapes of an S3 destination and the engine's.
#pragma once

#include "aws/firehose/shapes.h"

#include "src/aws/failure.h"
#include "src/flow/definition.h"

namespace millrace::service::firehose {

aws::Outcome<flow::Destination> destination_of(const aws::firehose::S3DestinationConfiguration& input);
aws::Outcome<flow::Destination> destination_of(const aws::firehose::ExtendedS3DestinationConfiguration& input);
// What the update names replaces what is there; the rest stays, as AWS merges.
aws::Outcome<flow::Destination> merged(flow::Destination current, const aws::firehose::S3DestinationUpdate& input);
aws::Outcome<flow::Destination> merged(flow::Destination current,
                                       const aws::firehose::ExtendedS3DestinationUpdate& input);

aws::firehose::DestinationDescription description_of(const flow::Destination& destination);

}  // namespace millrace::service::firehose
