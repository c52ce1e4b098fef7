// Request parameters of integrations: what they change of a request on its way to a URL or a function.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
#pragma once

#include <optional>
#include <string>

#include "src/base/result.h"
#include "src/gateway/http_api/call.h"

namespace millrace::gateway::http_api {

struct MappedRequest {
    http::Headers headers;
    std::string query;
    std::optional<std::string> path;  // "overwrite:path"; begins with a slash
};
MappedRequest map_request(const Call& call);

// A parameter of the route's path as it stands in another: a slash in it is one of the value, but of a greedy one's
// own.
std::string path_text(const Call& call, const std::string& name);

// "append:header.x", "overwrite:querystring.y", "remove:...", "overwrite:path"; of answers "overwrite:statuscode" and
// headers. invalid_argument, also for headers that API Gateway reserves.
Status check_mapping_key(std::string_view key, bool response);

}  // namespace millrace::gateway::http_api
