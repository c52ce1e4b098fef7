// What a backup remembers of its table beside the items, and how backups are described.
#pragma once

#include "aws/dynamodb/shapes.h"

#include "src/flow/table_jobs/job.h"
#include "src/service/dynamodb/table_schema.h"
#include "src/table/tables.h"

namespace millrace::service::dynamodb {

// Job::details of a backup of the table as it is now.
Result<std::string> remember(table::Tables& tables, const table::TableRef& table);

std::string backup_arn(const flow::Job& backup);
Result<aws::dynamodb::BackupDetails> details_of(const flow::Job& backup);
Result<aws::dynamodb::BackupDescription> description_of(const flow::Job& backup);
Result<aws::dynamodb::BackupSummary> summarize_backup(const flow::Job& backup);

// The table as it was, as a wish that a restore then changes.
Result<TableWish> wish_of(const flow::Job& backup);
TableWish wish_of(const aws::dynamodb::TableDescription& table);
// Definitions of attributes that no key uses go: overrides may have taken their index away.
void drop_unused_attributes(TableWish* wish);

}  // namespace millrace::service::dynamodb
