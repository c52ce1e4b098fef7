// A REST API as OpenAPI 3 or Swagger 2, as GetExport answers.
#pragma once

#include <cstdint>
#include <string>

#include <boost/json/value.hpp>

#include "src/gateway/definition.h"

namespace millrace::gateway {

enum class OpenApiVersion : uint8_t { swagger_2, open_api_3 };

struct ExportOptions {
    OpenApiVersion version = OpenApiVersion::open_api_3;
    std::string host;   // "ID.execute-api.us-east-1.localhost"
    std::string stage;  // the base path
    bool integrations = false;
    bool authorizers = false;
    bool extensions = false;  // what of API Gateway's is left: validators, policy, gateway responses, binary types
};

boost::json::value export_open_api(const RestApi& api, const ExportOptions& options);

}  // namespace millrace::gateway
