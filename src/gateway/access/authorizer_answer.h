// What an authorizer's function answers: a principal, a policy, perhaps context and an API key.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/policy/policy.h"

namespace millrace::gateway {

struct AuthorizerAnswer {
    std::string principal;
    std::shared_ptr<const policy::Policy> policy;
    std::map<std::string, std::string> context;  // numbers and booleans as their text, as $context.authorizer has them
    std::string usage_key;                       // usageIdentifierKey: an API key's value; "" where none
    size_t bytes = 0;                            // of the answer's text: what keeping it costs
};

// invalid_argument: what of it can not be read. Lists and objects in the context are refused, as AWS refuses them.
Result<AuthorizerAnswer> parse_authorizer_answer(std::string_view json);

// Whether a failed function said "Unauthorized": the one error that is no failure.
bool is_unauthorized(std::string_view error_json);

// Condition keys that a request to an API has, in lower case; aws:SourceVpc and the like are known to be absent.
const std::vector<std::string_view>& execute_api_keys();

}  // namespace millrace::gateway
