// Kinesis Data Streams: the object behind the operations.
#pragma once

#include "aws/kinesis/shapes.h"

#include "src/aws/call.h"

namespace millrace::service::kinesis {

class Kinesis {
  public:
    aws::Outcome<aws::kinesis::ListStreamsOutput> list_streams(const aws::CallContext& context,
                                                               const aws::kinesis::ListStreamsInput& input);
};

}  // namespace millrace::service::kinesis
