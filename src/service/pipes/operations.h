// EventBridge Pipes: what the endpoint is given.
#pragma once

#include "src/aws/operation.h"

namespace millrace::service::pipes {

class Pipes;

// The table of what we serve. `pipes` outlives the service.
aws::Service operations(Pipes& pipes);

}  // namespace millrace::service::pipes
