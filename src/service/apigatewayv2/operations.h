// API Gateway v2: what the endpoint is given.
#pragma once

#include "src/aws/operation.h"

namespace millrace::service::apigatewayv2 {

class ApiGatewayV2;

// The table of what we serve. `apis` outlives the service.
aws::Service operations(ApiGatewayV2& apis);

}  // namespace millrace::service::apigatewayv2
