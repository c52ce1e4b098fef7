// What an import does: fills a table that is being made from the objects under a prefix.
#pragma once

#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/flow/table_jobs/object_lines.h"

namespace millrace::flow {

struct ImportRequest {
    std::string bucket;
    std::string prefix;
    bool csv = false;  // else DynamoDB JSON
    char delimiter = ',';
    std::vector<std::string> header;  // of CSV; empty: the first record of each object
    InputCompression compression = InputCompression::none;
};

std::string encode(const ImportRequest& request);
Result<ImportRequest> decode_import_request(const std::string& json);  // corruption

}  // namespace millrace::flow
