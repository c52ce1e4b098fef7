// $context: what API Gateway knows of a request.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "src/gateway/rest/call.h"

namespace millrace::gateway {

// "requestId", "identity.sourceIp", "authorizer.tenant": as text; nullopt where it is unknown or has no value.
std::optional<std::string> context_text(const Call& call, std::string_view name);

// $context of templates. Of the call, which outlives it. A variable without a value prints nothing, as in AWS.
vtl::Value make_context(Call& call);

// requestContext of a function's event, as a JSON object.
void append_request_context(const Call& call, std::string& out);

}  // namespace millrace::gateway
