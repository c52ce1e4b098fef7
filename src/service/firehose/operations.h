// Firehose: what the endpoint is given.
#pragma once

#include "src/aws/operation.h"

namespace millrace::service::firehose {

class Firehose;

// The table of what we serve. `firehose` outlives the service.
aws::Service operations(Firehose& firehose);

}  // namespace millrace::service::firehose
