// DynamoDB Streams: what the endpoint is given.
#pragma once

#include "src/aws/operation.h"

namespace millrace::service::dynamodbstreams {

class Streams;

// The table of what we serve. `streams` outlives the service.
aws::Service operations(Streams& streams);

}  // namespace millrace::service::dynamodbstreams
