// Selection expressions of HTTP APIs: "$request.header.x", "${request.path.id}-${context.requestId}", or plain text.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace millrace::gateway::http_api {

// The value of "request.header.x", "context.requestId", ...; nullopt: there is none.
using Variables = std::function<std::optional<std::string>(std::string_view name)>;

// A text that begins with '$' and no brace is one variable (nullopt where it has no value); any other is taken as it
// is, with each ${variable} in it replaced ("" where it has no value).
std::optional<std::string> evaluate(std::string_view expression, const Variables& variables);

// invalid_argument where an expression names what no request (and, with `response`, no answer) has.
Status check_expression(std::string_view expression, bool response);

// The JSON path of "request.body.a.b" in a body: text as it is, everything else as JSON; nullopt where nothing is
// there. AWS reads the first 100 KB of a body alone; so do we.
std::optional<std::string> body_value(std::string_view body, std::string_view path);

}  // namespace millrace::gateway::http_api
