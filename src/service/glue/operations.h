// AWS Glue's data catalogue: what the endpoint is given.
#pragma once

#include "src/aws/operation.h"

namespace millrace::service::glue {

class Glue;

// The table of what we serve. `glue` outlives the service.
aws::Service operations(Glue& glue);

}  // namespace millrace::service::glue
