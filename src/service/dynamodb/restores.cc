// Restores: a new table from a backup, or from another table as it was.
#include "src/flow/table_jobs/restore_job.h"
#include "src/flow/table_jobs/table_jobs.h"
#include "src/io/clock.h"
#include "src/service/dynamodb/backup_text.h"
#include "src/service/dynamodb/control.h"
#include "src/service/dynamodb/dynamodb.h"
#include "src/service/dynamodb/errors.h"
#include "src/service/dynamodb/recovery.h"
#include "src/service/dynamodb/table_description.h"
#include "src/service/dynamodb/table_edit.h"
#include "src/service/dynamodb/table_name.h"
#include "src/table/arn.h"

namespace millrace::service::dynamodb {
namespace {

// Indexes may be left out and billing changed; nothing can be added that was not there.
template <class Input>
std::optional<aws::Failure> apply_overrides(const Input& input, TableWish* wish) {
    const auto known = [](const auto& indexes, const std::string& name) {
        return indexes && std::any_of(indexes->begin(), indexes->end(),
                                      [&](const auto& index) { return index.IndexName == name; });
    };
    if (input.GlobalSecondaryIndexOverride) {
        for (const auto& index : *input.GlobalSecondaryIndexOverride) {
            if (!known(wish->global_indexes, index.IndexName)) {
                return invalid_parameter("GlobalSecondaryIndexOverride names an index that the source does not have: " +
                                         index.IndexName);
            }
        }
        wish->global_indexes = input.GlobalSecondaryIndexOverride;
        if (wish->global_indexes->empty()) wish->global_indexes.reset();
    }
    if (input.LocalSecondaryIndexOverride) {
        for (const auto& index : *input.LocalSecondaryIndexOverride) {
            if (!known(wish->local_indexes, index.IndexName)) {
                return invalid_parameter("LocalSecondaryIndexOverride names an index that the source does not have: " +
                                         index.IndexName);
            }
        }
        wish->local_indexes = input.LocalSecondaryIndexOverride;
        if (wish->local_indexes->empty()) wish->local_indexes.reset();
    }
    if (input.BillingModeOverride) {
        wish->billing_mode = input.BillingModeOverride;
        if (*input.BillingModeOverride == "PAY_PER_REQUEST") {
            wish->throughput.reset();
            if (wish->global_indexes && !input.GlobalSecondaryIndexOverride) {
                for (auto& index : *wish->global_indexes) index.ProvisionedThroughput.reset();
            }
        } else {
            wish->on_demand.reset();
        }
    }
    if (input.ProvisionedThroughputOverride) wish->throughput = input.ProvisionedThroughputOverride;
    if (input.OnDemandThroughputOverride) wish->on_demand = input.OnDemandThroughputOverride;
    drop_unused_attributes(wish);
    return check_encryption(input.SSESpecificationOverride);
}

// Makes the table, to be filled by a job.
Outcome<shapes::TableDescription> restore(DynamoDb& self, const CallContext& context, const std::string& target,
                                          const TableWish& wish, RestoredFrom from,
                                          const flow::RestoreRequest& request) {
    if (auto failure = check_table_name(target, "targetTableName")) return *std::move(failure);
    table::TableDefinition definition;
    definition.scope = context.scope;
    definition.name = target;
    definition.state = table::TableState::creating;
    TableSettings settings;
    if (auto failure = apply(wish, &definition, &settings)) return *std::move(failure);
    if (settings.on_demand) settings.on_demand_since = self.parts().clock.now();
    settings.restored = std::move(from);
    auto made = make_table(self, std::move(definition), settings);
    if (!made.ok()) {
        if (made.error().code == "ResourceInUseException") {
            return aws::Failure{"TableAlreadyExistsException", "Table already exists: " + target};
        }
        return std::move(made).error();
    }
    const table::TableRef table = *std::move(made);
    // Described as it is now: the job may be done before we are.
    auto description = describe(self.parts().tables, table);
    flow::Job job;
    job.kind = flow::JobKind::restore;
    job.scope = context.scope;
    job.table = table->name;
    job.table_id = table->id;
    job.request = flow::encode(request);
    auto started = description.ok() ? self.parts().jobs.start(std::move(job)) : Result<flow::Job>(description.error());
    if (!started.ok()) {
        static_cast<void>(self.parts().tables.remove(table->scope, table->name));  // else at the next start
        return started.error().code == ErrorCode::resource_exhausted ? limit_exceeded(started.error().message)
                                                                     : failure_of(started.error());
    }
    return *std::move(description);
}

}  // namespace

Outcome<shapes::RestoreTableFromBackupOutput> restore_table_from_backup(
    DynamoDb& self, const CallContext& context, const shapes::RestoreTableFromBackupInput& input) {
    TRY_ASSIGN(const flow::Job backup, find_backup(self, context, input.BackupArn));
    if (backup.state != flow::JobState::done) {
        return aws::Failure{"BackupInUseException", "Backup is being created: " + input.BackupArn};
    }
    auto wish = wish_of(backup);
    if (!wish.ok()) return failure_of(wish.error());
    if (auto failure = apply_overrides(input, &*wish)) return *std::move(failure);
    shapes::RestoreTableFromBackupOutput output;
    TRY_ASSIGN(output.TableDescription, restore(self, context, input.TargetTableName, *wish,
                                                {.backup_arn = backup_arn(backup),
                                                 .table_arn = table::arn_of(backup.scope, backup.table),
                                                 .time = backup.created},
                                                {.backup_id = backup.id, .source_table = {}}));
    return output;
}

Outcome<shapes::RestoreTableToPointInTimeOutput> restore_table_to_point_in_time(
    DynamoDb& self, const CallContext& context, const shapes::RestoreTableToPointInTimeInput& input) {
    if (input.SourceTableName.has_value() == input.SourceTableArn.has_value()) {
        return validation("One of SourceTableName and SourceTableArn must be given");
    }
    const std::string& given = input.SourceTableName ? *input.SourceTableName : *input.SourceTableArn;
    TRY_ASSIGN(const std::string name, table_name(context, given, "sourceTableName"));
    auto source = self.parts().tables.find(context.scope, name);
    if (!source.ok()) return aws::Failure{"TableNotFoundException", "Table not found: " + name};
    if (!(*source)->history) return no_recovery(name);
    const bool latest = input.UseLatestRestorableTime.value_or(false);
    if (latest == input.RestoreDateTime.has_value()) {
        return validation("One of RestoreDateTime and UseLatestRestorableTime must be given");
    }
    auto settings = decode_table_settings((*source)->settings);
    auto description = describe(self.parts().tables, *source);
    if (!settings.ok()) return failure_of(settings.error());
    if (!description.ok()) return failure_of(description.error());
    const RecoveryWindow window = recovery_window(**source, settings->recovery_days, self.parts().clock.now());
    const TimestampMs time = latest ? window.latest : *input.RestoreDateTime;
    if (time < window.earliest || time > window.latest) {
        return aws::Failure{"InvalidRestoreTimeException",
                            "The specified restore time is outside of the times that the table can be restored to"};
    }
    TableWish wish = wish_of(*description);
    if (auto failure = apply_overrides(input, &wish)) return *std::move(failure);
    shapes::RestoreTableToPointInTimeOutput output;
    TRY_ASSIGN(output.TableDescription,
               restore(self, context, input.TargetTableName, wish,
                       {.backup_arn = {}, .table_arn = table::arn_of(**source), .time = time},
                       {.backup_id = {}, .source_table = name, .source_table_id = (*source)->id, .as_of = time}));
    return output;
}

}  // namespace millrace::service::dynamodb
