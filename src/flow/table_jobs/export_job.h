// What an export does: a table as it was at a time, or what a span of time changed in it, as objects in S3.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
#pragma once

#include <optional>
#include <string>

#include "src/base/named.h"
#include "src/base/result.h"

namespace millrace::flow {

struct ExportRequest {
    std::string bucket;
    std::string bucket_owner;         // whom the caller takes for it
    std::string prefix;               // without a final slash; "" for none
    TimestampMs as_of;                // of what changed: the span's end, exclusive
    std::optional<TimestampMs> from;  // of what changed: the span's beginning, inclusive; absent: the whole table
    bool old_images = true;           // of what changed
    bool ion = false;                 // Amazon Ion, else DynamoDB JSON
    std::string table_arn;
    std::string table_uuid;
    std::string export_arn;
};

std::string encode(const ExportRequest& request);
Result<ExportRequest> decode_export_request(const std::string& json);  // corruption

}  // namespace millrace::flow
