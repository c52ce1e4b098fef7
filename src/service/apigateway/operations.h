// API Gateway's control plane of REST APIs: what the endpoint is given.
#pragma once

#include "src/aws/operation.h"

namespace millrace::service::apigateway {

class ApiGateway;

// The table of what we serve. `gateway` outlives the service.
aws::Service operations(ApiGateway& gateway);

}  // namespace millrace::service::apigateway
