// What backups and point-in-time recovery share: which backup, and how far back a table is known.
#pragma once

#include "src/aws/call.h"
#include "src/flow/table_jobs/job.h"
#include "src/table/definition.h"

namespace millrace::service::dynamodb {

class DynamoDb;

// Backups that are being made or are there. ValidationException, BackupNotFoundException.
aws::Outcome<flow::Job> find_backup(DynamoDb& self, const aws::CallContext& context, const std::string& arn);

struct RecoveryWindow {
    TimestampMs earliest, latest;  // inclusive. AWS's latest lags by minutes; ours is now
};
// Of a table whose history is on.
RecoveryWindow recovery_window(const table::TableDefinition& table, int64_t recovery_days, TimestampMs now);

aws::Failure no_recovery(const std::string& table);

}  // namespace millrace::service::dynamodb
