// What an authorizer's function is given.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html
#pragma once

#include <string>
#include <string_view>

#include "src/gateway/access/access.h"

namespace millrace::gateway {

std::string token_event(std::string_view token, std::string_view method_arn);
std::string request_event(const AccessRequest& request, const Served& served, std::string_view method_arn,
                          TimestampMs now);

}  // namespace millrace::gateway
