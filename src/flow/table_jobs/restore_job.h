// What a restore does: fills a table that is being made, from a backup or from another table as it was.
#pragma once

#include <optional>
#include <string>

#include "src/base/named.h"
#include "src/base/result.h"
#include "src/base/scope.h"

namespace millrace::flow {

struct RestoreRequest {
    std::string backup_id;     // "" where the source is a table
    std::string source_table;  // of the same scope
    uint64_t source_table_id = 0;
    TimestampMs as_of;
};

std::string encode(const RestoreRequest& request);
Result<RestoreRequest> decode_restore_request(const std::string& json);  // corruption

}  // namespace millrace::flow
