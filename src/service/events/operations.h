// EventBridge: what the endpoint is given.
#pragma once

#include "src/aws/operation.h"

namespace millrace::service::events {

class Events;

// The table of what we serve. `events` outlives the service.
aws::Service operations(Events& events);

}  // namespace millrace::service::events
