// Errors of the engine and of our checks, as API Gateway v2 names them.
#pragma once

#include "src/aws/failure.h"

namespace millrace::service::apigatewayv2 {

aws::Failure failure_of(const Error& error);
Error bad_request(std::string message);
// "Unable to find Route by key x within the provided scope": of what an API has.
Error none_such(std::string_view what, std::string_view id);

}  // namespace millrace::service::apigatewayv2
