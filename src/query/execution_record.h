// A query execution as the registry keeps it: one JSON object, "v" its version. Members that are absent have the
// default.
#pragma once

#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/query/engine.h"

namespace millrace::query {

std::string encode_execution(const QueryExecution& execution);
Result<QueryExecution> decode_execution(std::string_view bytes);  // corruption

}  // namespace millrace::query
