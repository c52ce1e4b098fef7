// An OpenAPI 3 or Swagger 2 definition, with API Gateway's extensions, becomes a REST API.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "src/base/result.h"
#include "src/gateway/definition.h"

namespace millrace::gateway {

enum class ImportMode : uint8_t { merge, overwrite };
// What becomes of basePath (Swagger 2) or of the first server's path (OpenAPI 3): not looked at; before every path; or
// before every path without its first segment.
enum class BasePathMode : uint8_t { ignore, prepend, split };

struct ImportOptions {
    ImportMode mode = ImportMode::merge;
    BasePathMode base_path = BasePathMode::ignore;
};

// "/v1" or "": what stands before every path.
std::string path_prefix(const boost::json::value& document, BasePathMode mode);

// Fills `api` and returns warnings: what of the definition is not honoured, by name. invalid_argument: it is no
// definition, or names what is not in it; `api` is half filled then. `api` has its id, of which models' references are
// made, and its root resource.
Result<std::vector<std::string>> import_open_api(const boost::json::value& document, const ImportOptions& options,
                                                 RestApi& api);

}  // namespace millrace::gateway
