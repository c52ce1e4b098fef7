// How the endpoint hands requests of REST APIs to their data plane, and what of it knows signatures.
#pragma once

#include "src/aws/endpoint.h"

namespace millrace::gateway {
class DataPlane;
}

namespace millrace::cli {

// `plane` outlives it.
aws::HostHandler rest_api_handler(gateway::DataPlane& plane);

}  // namespace millrace::cli
