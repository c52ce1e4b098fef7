// A stage's access log: a line a request, to a log group or a Firehose stream.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html
#pragma once

#include <string_view>

#include "src/base/result.h"
#include "src/gateway/http_api/plane.h"

namespace millrace::gateway::http_api {

// Never blocks and never fails the request: a line that nobody can take now is dropped.
void log_access(Plane& plane, const Call& call, const http::Response& response);

// invalid_argument: the destination is neither a log group's ARN nor that of a Firehose stream whose name begins with
// "amazon-apigateway-"; the format is none of src/gateway/access/log_format.h.
Status check_access_log(std::string_view format, std::string_view destination);

}  // namespace millrace::gateway::http_api
