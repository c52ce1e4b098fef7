// The table of DynamoDB: one row an operation. src/aws/README.md says how rows are written.
#include "src/service/dynamodb/operations.h"

#include "aws/dynamodb/shapes.h"

#include "src/service/dynamodb/control.h"
#include "src/service/dynamodb/dynamodb.h"
#include "src/service/dynamodb/items.h"
#include "src/service/dynamodb/partiql/partiql.h"

namespace millrace::service::dynamodb {

using namespace aws::dynamodb;  // the generated shapes

namespace {

constexpr std::string_view no_replicas = "a table is on this server only: there are no global tables";
constexpr std::string_view no_encryption = "objects are kept as they come, there are no KMS keys";
constexpr std::string_view no_vectors = "there are no vector indexes";

}  // namespace

aws::Service operations(DynamoDb& dynamodb) {
    aws::Service service = aws::make_service(
        dynamodb, model(),
        {
            // --- items ---
            MILLRACE_OPERATION(GetItem, raw, read, "dynamodb:GetItem", get_item),
            MILLRACE_OPERATION(PutItem, raw, write, "dynamodb:PutItem", put_item),
            MILLRACE_OPERATION(UpdateItem, raw, write, "dynamodb:UpdateItem", update_item),
            MILLRACE_OPERATION(DeleteItem, raw, write, "dynamodb:DeleteItem", delete_item),
            MILLRACE_OPERATION(BatchGetItem, raw, read, "dynamodb:BatchGetItem", batch_get_item),
            MILLRACE_OPERATION(BatchWriteItem, raw, write, "dynamodb:BatchWriteItem", batch_write_item),
            MILLRACE_OPERATION(TransactGetItems, raw, read, "dynamodb:TransactGetItems", transact_get_items),
            MILLRACE_OPERATION(TransactWriteItems, raw, write, "dynamodb:TransactWriteItems", transact_write_items),
            MILLRACE_OPERATION(Query, raw, read, "dynamodb:Query", query),
            MILLRACE_OPERATION(Scan, raw, read, "dynamodb:Scan", scan),
            // --- PartiQL ---
            MILLRACE_OPERATION(ExecuteStatement, worker, write, "dynamodb:PartiQLUpdate", execute_statement),
            MILLRACE_OPERATION(BatchExecuteStatement, worker, write, "dynamodb:PartiQLUpdate", batch_execute_statement),
            MILLRACE_OPERATION(ExecuteTransaction, worker, write, "dynamodb:PartiQLUpdate", execute_transaction),
            // --- tables ---
            MILLRACE_OPERATION(CreateTable, raw, write, "dynamodb:CreateTable", create_table_in_order)
                .refuse("GlobalTableSourceArn", no_replicas)
                .refuse("GlobalTableSettingsReplicationMode", no_replicas)
                .refuse("VectorIndexes", no_vectors),
            MILLRACE_OPERATION(DescribeTable, worker, read, "dynamodb:DescribeTable", describe_table),
            MILLRACE_OPERATION(ListTables, worker, read, "dynamodb:ListTables", list_tables),
            MILLRACE_OPERATION(UpdateTable, worker, write, "dynamodb:UpdateTable", update_table)
                .refuse("ReplicaUpdates", no_replicas)
                .refuse("MultiRegionConsistency", no_replicas)
                .refuse("GlobalTableWitnessUpdates", no_replicas)
                .refuse("GlobalTableSettingsReplicationMode", no_replicas)
                .refuse("DisassociationProtectionEnabled", no_replicas)
                .refuse("VectorIndexUpdates", no_vectors),
            MILLRACE_OPERATION(DeleteTable, worker, write, "dynamodb:DeleteTable", delete_table),
            MILLRACE_OPERATION(DescribeLimits, worker, read, "dynamodb:DescribeLimits", describe_limits),
            MILLRACE_OPERATION(DescribeEndpoints, worker, read, "dynamodb:DescribeEndpoints", describe_endpoints),
            MILLRACE_OPERATION(TagResource, worker, write, "dynamodb:TagResource", tag_resource),
            MILLRACE_OPERATION(UntagResource, worker, write, "dynamodb:UntagResource", untag_resource),
            MILLRACE_OPERATION(ListTagsOfResource, worker, read, "dynamodb:ListTagsOfResource", list_tags_of_resource),
            MILLRACE_OPERATION(PutResourcePolicy, worker, write, "dynamodb:PutResourcePolicy", put_resource_policy),
            MILLRACE_OPERATION(GetResourcePolicy, worker, read, "dynamodb:GetResourcePolicy", get_resource_policy),
            MILLRACE_OPERATION(DeleteResourcePolicy, worker, write, "dynamodb:DeleteResourcePolicy",
                               delete_resource_policy),
            MILLRACE_OPERATION(DescribeTimeToLive, worker, read, "dynamodb:DescribeTimeToLive", describe_time_to_live),
            MILLRACE_OPERATION(UpdateTimeToLive, worker, write, "dynamodb:UpdateTimeToLive", update_time_to_live),
            MILLRACE_OPERATION(CreateBackup, worker, write, "dynamodb:CreateBackup", create_backup),
            MILLRACE_OPERATION(DescribeBackup, worker, read, "dynamodb:DescribeBackup", describe_backup),
            MILLRACE_OPERATION(ListBackups, worker, read, "dynamodb:ListBackups", list_backups),
            MILLRACE_OPERATION(DeleteBackup, worker, write, "dynamodb:DeleteBackup", delete_backup),
            MILLRACE_OPERATION(DescribeContinuousBackups, worker, read, "dynamodb:DescribeContinuousBackups",
                               describe_continuous_backups),
            MILLRACE_OPERATION(UpdateContinuousBackups, worker, write, "dynamodb:UpdateContinuousBackups",
                               update_continuous_backups),
            MILLRACE_OPERATION(RestoreTableFromBackup, worker, write, "dynamodb:RestoreTableFromBackup",
                               restore_table_from_backup)
                .refuse("VectorIndexOverride", no_vectors),
            MILLRACE_OPERATION(RestoreTableToPointInTime, worker, write, "dynamodb:RestoreTableToPointInTime",
                               restore_table_to_point_in_time)
                .refuse("VectorIndexOverride", no_vectors),
            MILLRACE_OPERATION(ExportTableToPointInTime, worker, write, "dynamodb:ExportTableToPointInTime",
                               export_table_to_point_in_time)
                .refuse("S3SseAlgorithm", no_encryption)
                .refuse("S3SseKmsKeyId", no_encryption)
                .refuse("FilterSpecification", "every item is exported"),
            MILLRACE_OPERATION(DescribeExport, worker, read, "dynamodb:DescribeExport", describe_export),
            MILLRACE_OPERATION(ListExports, worker, read, "dynamodb:ListExports", list_exports),
            MILLRACE_OPERATION(ImportTable, worker, write, "dynamodb:ImportTable", import_table),
            MILLRACE_OPERATION(DescribeImport, worker, read, "dynamodb:DescribeImport", describe_import),
            MILLRACE_OPERATION(ListImports, worker, read, "dynamodb:ListImports", list_imports),
            MILLRACE_OPERATION(EnableKinesisStreamingDestination, worker, write,
                               "dynamodb:EnableKinesisStreamingDestination", enable_kinesis_streaming_destination),
            MILLRACE_OPERATION(DisableKinesisStreamingDestination, worker, write,
                               "dynamodb:DisableKinesisStreamingDestination", disable_kinesis_streaming_destination),
            MILLRACE_OPERATION(UpdateKinesisStreamingDestination, worker, write,
                               "dynamodb:UpdateKinesisStreamingDestination", update_kinesis_streaming_destination),
            MILLRACE_OPERATION(DescribeKinesisStreamingDestination, worker, read,
                               "dynamodb:DescribeKinesisStreamingDestination", describe_kinesis_streaming_destination),
        });
    service.sums_answers = true;
    return service;
}

}  // namespace millrace::service::dynamodb
