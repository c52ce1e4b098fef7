// Kinesis Data Streams: what the endpoint is given.
#pragma once

#include "src/aws/operation.h"

namespace millrace::service::kinesis {

class Kinesis;

// The table of what we serve. `kinesis` outlives the service.
aws::Service operations(Kinesis& kinesis);

}  // namespace millrace::service::kinesis
