// CORS of function URLs: the server answers pre-flight requests itself and adds its headers to what functions answer.
#pragma once

#include "src/function/definition.h"
#include "src/http/message.h"

namespace millrace::service::lambda {

// An OPTIONS request that asks for leave (Origin and Access-Control-Request-Method)?
bool is_preflight(const http::RequestHead& head);
http::Response preflight_response(const http::RequestHead& head, const function::UrlCors& cors);
// The configured headers replace the function's own.
void add_cors(const http::RequestHead& head, const function::UrlCors& cors, http::Response& response);

}  // namespace millrace::service::lambda
