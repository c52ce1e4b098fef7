// Athena: what the endpoint is given.
#pragma once

#include "src/aws/operation.h"

namespace millrace::service::athena {

class Athena;

// The table of what we serve. `athena` outlives the service.
aws::Service operations(Athena& athena);

}  // namespace millrace::service::athena
