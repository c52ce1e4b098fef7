// EventBridge Scheduler: what the endpoint is given.
#pragma once

#include "src/aws/operation.h"

namespace millrace::service::scheduler {

class Scheduler;

// The table of what we serve. `scheduler` outlives the service.
aws::Service operations(Scheduler& scheduler);

}  // namespace millrace::service::scheduler
