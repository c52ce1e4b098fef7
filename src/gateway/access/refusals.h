// The refusals of this folder: GatewayResponse types with the status, message and error type that AWS gives them.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
#pragma once

#include <string_view>

#include "src/gateway/access/access.h"
#include "src/policy/policy.h"

namespace millrace::gateway {

AccessRefusal unauthorized();
AccessRefusal invalid_api_key();
AccessRefusal throttled();
AccessRefusal quota_exceeded();
AccessRefusal authorizer_failure();              // its function failed or took too long
AccessRefusal authorizer_configuration_error();  // it can not be called, or what it answers can not be read
AccessRefusal uri_too_long();
AccessRefusal missing_authentication_token();
// By a resource policy. `who`: "anonymous", or the caller's ARN.
AccessRefusal denied_by_policy(policy::Decision decision, std::string_view who, std::string_view resource);
AccessRefusal denied_by_authorizer(policy::Decision decision);
AccessRefusal bad_signature(const SignatureRefusal& refusal);

}  // namespace millrace::gateway
