// CloudWatch Logs: what the endpoint is given.
#pragma once

#include "src/aws/operation.h"

namespace millrace::service::logs {

class Logs;

// The table of what we serve. `logs` outlives the service.
aws::Service operations(Logs& logs);

}  // namespace millrace::service::logs
