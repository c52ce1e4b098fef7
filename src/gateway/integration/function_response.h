// What a function behind a proxy integration returned, as a response (payload format 1.0; HTTP APIs' 2.0 builds on it):
// {"statusCode": 200, "headers": {}, "multiValueHeaders": {}, "body": "...", "isBase64Encoded": false}
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
#pragma once

#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/http/message.h"

namespace millrace::gateway {

struct FunctionResponse {
    int status = 200;
    http::Headers headers;  // names in lower case; what HTTP frames messages with is left out
    std::string body;
    bool base64 = false;  // the body still is in base64
};

// invalid_argument where API Gateway answers 502: no JSON object, a statusCode that is none (a number or its text), a
// body that is no string, headers that HTTP does not allow or that hold objects. A missing statusCode is 200; fields
// that API Gateway does not know are refused, as it refuses them.
Result<FunctionResponse> parse_function_response(std::string_view payload);

// Adds a header that somebody else named: false where HTTP does not allow it. Names that frame the message
// (content-length, connection, transfer-encoding ...) are passed over: they are the server's own.
bool add_foreign_header(http::Headers& headers, std::string_view name, std::string_view value);

}  // namespace millrace::gateway
