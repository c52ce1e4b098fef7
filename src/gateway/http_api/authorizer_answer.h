// What an authorizer function answered: {"isAuthorized": true, "context": {...}}, or an IAM policy with a principal.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace millrace::gateway::http_api {

struct AuthorizerAnswer {
    bool allowed = false;
    std::string context;                        // JSON of requestContext.authorizer
    std::map<std::string, std::string> values;  // $context.authorizer.NAME
};

// `arn`: of the route that is asked for, `source_ip` for the policy's conditions. invalid_argument: it is neither; the
// client gets a 500.
Result<AuthorizerAnswer> read_simple_answer(std::string_view payload);
Result<AuthorizerAnswer> read_policy_answer(std::string_view payload, std::string_view arn, std::string_view source_ip);

}  // namespace millrace::gateway::http_api
