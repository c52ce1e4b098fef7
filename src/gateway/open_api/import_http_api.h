// An OpenAPI 3 definition, with API Gateway's extensions, becomes an HTTP API.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html
#pragma once

#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "src/base/result.h"
#include "src/gateway/http_api/definition.h"
#include "src/gateway/open_api/import.h"

namespace millrace::gateway {

// Replaces what `api` is (name, description, version, routes, integrations, authorizers, CORS) and returns warnings:
// what of the definition is not honoured, by name. Nothing is checked that the control plane checks of each part.
// invalid_argument: it is no OpenAPI 3, or names what is not in it; `api` is half filled then.
Result<std::vector<std::string>> import_http_api(const boost::json::value& document, BasePathMode base_path,
                                                 http_api::HttpApi& api);

}  // namespace millrace::gateway
