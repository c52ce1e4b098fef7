// AWS Lambda: what the endpoint is given.
#pragma once

#include "src/aws/operation.h"

namespace millrace::service::lambda {

class Lambda;

// The table of what we serve. `lambda` outlives the service.
aws::Service operations(Lambda& lambda);

}  // namespace millrace::service::lambda
