// What an export does: a table as it was at a time, as objects in S3.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
#pragma once

#include <string>

#include "src/base/named.h"
#include "src/base/result.h"

namespace millrace::flow {

struct ExportRequest {
    std::string bucket;
    std::string prefix;  // without a final slash; "" for none
    TimestampMs as_of;
    std::string table_arn;
    std::string table_uuid;
    std::string export_arn;
};

std::string encode(const ExportRequest& request);
Result<ExportRequest> decode_export_request(const std::string& json);  // corruption

}  // namespace millrace::flow
