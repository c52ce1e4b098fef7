// What an import does: fills a table that is being made from the objects under a prefix.
#pragma once

#include <string>

#include "src/base/result.h"
#include "src/flow/table_jobs/import_records.h"

namespace millrace::flow {

struct ImportRequest {
    std::string bucket;
    std::string prefix;
    ImportFormat format = ImportFormat::dynamodb_json;
    CsvForm csv;
    InputCompression compression = InputCompression::none;
};

std::string encode(const ImportRequest& request);
Result<ImportRequest> decode_import_request(const std::string& json);  // corruption

}  // namespace millrace::flow
