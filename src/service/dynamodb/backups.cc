// On-demand backups: made, shown and deleted; and continuous backups, which are the engine's history of a table.
#include <algorithm>
#include <tuple>

#include "src/flow/table_jobs/restore_job.h"
#include "src/flow/table_jobs/table_jobs.h"
#include "src/io/clock.h"
#include "src/service/dynamodb/backup_text.h"
#include "src/service/dynamodb/control.h"
#include "src/service/dynamodb/dynamodb.h"
#include "src/service/dynamodb/errors.h"
#include "src/service/dynamodb/recovery.h"
#include "src/service/dynamodb/table_edit.h"
#include "src/service/dynamodb/table_name.h"
#include "src/table/arn.h"

namespace millrace::service::dynamodb {

namespace {

constexpr size_t list_limit_max = 100;
constexpr uint32_t snapshot_wait_ms = 5000;  // for the backup's view of the table, before the request is answered

// Continuous backups speak of tables by an error of their own.
Outcome<table::TableRef> backed_up_table(DynamoDb& self, const CallContext& context, const std::string& given) {
    TRY_ASSIGN(const std::string name, table_name(context, given));
    auto table = self.parts().tables.find(context.scope, name);
    if (!table.ok()) return aws::Failure{"TableNotFoundException", "Table not found: " + name};
    return *std::move(table);
}

shapes::ContinuousBackupsDescription continuous(DynamoDb& self, const table::TableDefinition& table,
                                                int64_t recovery_days) {
    shapes::ContinuousBackupsDescription out;
    out.ContinuousBackupsStatus = "ENABLED";
    auto& recovery = out.PointInTimeRecoveryDescription.emplace();
    recovery.PointInTimeRecoveryStatus = table.history ? "ENABLED" : "DISABLED";
    if (!table.history) return out;
    const RecoveryWindow window = recovery_window(table, recovery_days, self.parts().clock.now());
    recovery.RecoveryPeriodInDays = static_cast<int32_t>(recovery_days);
    recovery.EarliestRestorableDateTime = window.earliest;
    recovery.LatestRestorableDateTime = window.latest;
    return out;
}

}  // namespace

RecoveryWindow recovery_window(const table::TableDefinition& table, int64_t recovery_days, TimestampMs now) {
    const int64_t horizon = now.value() - recovery_days * 24 * 3600 * 1000;
    return {TimestampMs(std::max(table.history_since.value(), horizon)), now};
}

aws::Failure no_recovery(const std::string& table) {
    return {"PointInTimeRecoveryUnavailableException",
            "Point in time recovery is not enabled for table '" + table + "'"};
}

Outcome<flow::Job> find_backup(DynamoDb& self, const CallContext& context, const std::string& arn) {
    const auto parsed = table::parse_arn(arn);
    if (!parsed || parsed->kind != "backup") return validation("Invalid BackupArn: " + arn);
    const auto job = self.parts().jobs.find(flow::JobKind::backup, context.scope, parsed->part);
    if (!job || parsed->scope != context.scope || job->table != parsed->table || job->state == flow::JobState::failed) {
        return aws::Failure{"BackupNotFoundException", "Backup not found: " + arn};
    }
    return *job;
}

Outcome<shapes::CreateBackupOutput> create_backup(DynamoDb& self, const CallContext& context,
                                                  const shapes::CreateBackupInput& input) {
    TRY_ASSIGN(const table::TableRef table, backed_up_table(self, context, input.TableName));
    if (auto failure = check_not_changing(*table)) return *std::move(failure);
    auto details = remember(self.parts().tables, table);
    if (!details.ok()) return failure_of(details.error());
    flow::Job job;
    job.kind = flow::JobKind::backup;
    job.scope = context.scope;
    job.table = table->name;
    job.table_id = table->id;
    job.name = input.BackupName;
    job.details = *std::move(details);
    auto started = self.parts().jobs.start(std::move(job));
    if (!started.ok()) {
        return started.error().code == ErrorCode::resource_exhausted ? limit_exceeded(started.error().message)
                                                                     : failure_of(started.error());
    }
    self.parts().jobs.wait_until_begun(*started, snapshot_wait_ms);
    auto described = details_of(*started);
    if (!described.ok()) return failure_of(described.error());
    shapes::CreateBackupOutput output;
    output.BackupDetails = *std::move(described);
    return output;
}

Outcome<shapes::DescribeBackupOutput> describe_backup(DynamoDb& self, const CallContext& context,
                                                      const shapes::DescribeBackupInput& input) {
    TRY_ASSIGN(const flow::Job backup, find_backup(self, context, input.BackupArn));
    auto description = description_of(backup);
    if (!description.ok()) return failure_of(description.error());
    shapes::DescribeBackupOutput output;
    output.BackupDescription = *std::move(description);
    return output;
}

Outcome<shapes::DeleteBackupOutput> delete_backup(DynamoDb& self, const CallContext& context,
                                                  const shapes::DeleteBackupInput& input) {
    TRY_ASSIGN(const flow::Job backup, find_backup(self, context, input.BackupArn));
    for (const flow::Job& restore : self.parts().jobs.list(flow::JobKind::restore, context.scope)) {
        const auto request = flow::decode_restore_request(restore.request);
        if (restore.state != flow::JobState::running || !request.ok() || request->backup_id != backup.id) continue;
        return aws::Failure{"BackupInUseException", "Backup is being used to restore a table: " + input.BackupArn};
    }
    auto description = description_of(backup);
    if (!description.ok()) return failure_of(description.error());
    const Status removed = self.parts().jobs.remove(flow::JobKind::backup, context.scope, backup.id);
    if (!removed.ok()) {
        if (removed.error().code == ErrorCode::failed_precondition) {
            return aws::Failure{"BackupInUseException", "Backup is being created: " + input.BackupArn};
        }
        return failure_of(removed.error());
    }
    description->BackupDetails->BackupStatus = "DELETED";
    shapes::DeleteBackupOutput output;
    output.BackupDescription = *std::move(description);
    return output;
}

Outcome<shapes::ListBackupsOutput> list_backups(DynamoDb& self, const CallContext& context,
                                                const shapes::ListBackupsInput& input) {
    std::string of_table;
    if (input.TableName) {
        TRY_ASSIGN(of_table, table_name(context, *input.TableName));
    }
    std::string after;
    if (input.ExclusiveStartBackupArn) {
        const auto parsed = table::parse_arn(*input.ExclusiveStartBackupArn);
        if (!parsed || parsed->kind != "backup") return validation("Invalid ExclusiveStartBackupArn");
        after = parsed->part;
    }
    const size_t limit = input.Limit ? static_cast<size_t>(*input.Limit) : list_limit_max;
    shapes::ListBackupsOutput output;
    output.BackupSummaries.emplace();
    // Every backup here is a user's.
    if (input.BackupType && *input.BackupType != "USER" && *input.BackupType != "ALL") return output;
    for (const flow::Job& backup : self.parts().jobs.list(flow::JobKind::backup, context.scope)) {
        if (backup.state == flow::JobState::failed || backup.id <= after) continue;
        if (!of_table.empty() && backup.table != of_table) continue;
        if (input.TimeRangeLowerBound && backup.created < *input.TimeRangeLowerBound) continue;
        if (input.TimeRangeUpperBound && backup.created >= *input.TimeRangeUpperBound) continue;
        if (output.BackupSummaries->size() == limit) {
            output.LastEvaluatedBackupArn = output.BackupSummaries->back().BackupArn;
            break;
        }
        auto summary = summarize_backup(backup);
        if (!summary.ok()) return failure_of(summary.error());
        output.BackupSummaries->push_back(*std::move(summary));
    }
    return output;
}

Outcome<shapes::DescribeContinuousBackupsOutput> describe_continuous_backups(
    DynamoDb& self, const CallContext& context, const shapes::DescribeContinuousBackupsInput& input) {
    TRY_ASSIGN(const table::TableRef table, backed_up_table(self, context, input.TableName));
    auto settings = decode_table_settings(table->settings);
    if (!settings.ok()) return failure_of(settings.error());
    shapes::DescribeContinuousBackupsOutput output;
    output.ContinuousBackupsDescription = continuous(self, *table, settings->recovery_days);
    return output;
}

Outcome<shapes::UpdateContinuousBackupsOutput> update_continuous_backups(
    DynamoDb& self, const CallContext& context, const shapes::UpdateContinuousBackupsInput& input) {
    TRY_ASSIGN(const table::TableRef table, backed_up_table(self, context, input.TableName));
    const auto& wish = input.PointInTimeRecoverySpecification;
    int64_t recovery_days = 0;
    const Edit change = [&](table::TableDefinition* definition,
                            TableSettings* settings) -> std::optional<aws::Failure> {
        if (auto failure = check_not_changing(*definition)) return failure;
        definition->history = wish.PointInTimeRecoveryEnabled;
        if (wish.RecoveryPeriodInDays) settings->recovery_days = *wish.RecoveryPeriodInDays;
        recovery_days = settings->recovery_days;
        return std::nullopt;
    };
    TRY_ASSIGN(const table::TableRef changed, edit_table(self.parts().tables, table->scope, table->name, change));
    shapes::UpdateContinuousBackupsOutput output;
    output.ContinuousBackupsDescription = continuous(self, *changed, recovery_days);
    return output;
}

}  // namespace millrace::service::dynamodb
