// The event that a function behind AWS_PROXY gets, payload format 1.0:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
#pragma once

#include <string>

namespace millrace::gateway {

struct Call;

// As JSON. The call has its method. Names of headers are written as most clients write them ("Content-Type"), for the
// server reads them in lower case.
std::string function_event(const Call& call);

}  // namespace millrace::gateway
