// How integrations and authorizers name a function.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace millrace::gateway::http_api {

// "arn:aws:lambda:...:function:f", or the function's ARN out of
// "arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/ARN/invocations"; nullopt: it is neither.
std::optional<std::string> function_arn_of(std::string_view uri);

}  // namespace millrace::gateway::http_api
