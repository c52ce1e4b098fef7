// CORS of HTTP APIs: the gateway answers preflight requests itself and adds its headers to what integrations answer.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
#pragma once

#include "src/gateway/http_api/definition.h"
#include "src/http/message.h"

namespace millrace::gateway::http_api {

// An OPTIONS request that asks for leave (Origin and Access-Control-Request-Method)?
bool is_preflight(const http::RequestHead& head);
// 204, with what the origin is allowed; without any of these headers where it is not.
http::Response preflight_response(const http::RequestHead& head, const Cors& cors);
// The configured headers replace the integration's own.
void add_cors(const http::RequestHead& head, const Cors& cors, http::Response& response);

}  // namespace millrace::gateway::http_api
