// The control plane's handlers: all that is around items. Each is Outcome<XOutput>(DynamoDb&, context, input); they run
// on the executor and may block. Grouped by file, as AWS's documentation groups them.
#pragma once

#include "aws/dynamodb/shapes.h"

#include "src/aws/call.h"

namespace millrace::service::dynamodb {

class DynamoDb;

namespace shapes = aws::dynamodb;
using aws::CallContext;
using aws::Outcome;

// tables.cc, update_table.cc
void create_table_in_order(DynamoDb&, aws::RawCall);  // create_table_order.cc: CreateTable's row
Outcome<shapes::CreateTableOutput> create_table(DynamoDb&, const CallContext&, const shapes::CreateTableInput&);
Outcome<shapes::DescribeTableOutput> describe_table(DynamoDb&, const CallContext&, const shapes::DescribeTableInput&);
Outcome<shapes::ListTablesOutput> list_tables(DynamoDb&, const CallContext&, const shapes::ListTablesInput&);
Outcome<shapes::UpdateTableOutput> update_table(DynamoDb&, const CallContext&, const shapes::UpdateTableInput&);
Outcome<shapes::DeleteTableOutput> delete_table(DynamoDb&, const CallContext&, const shapes::DeleteTableInput&);
// account.cc
Outcome<shapes::DescribeLimitsOutput> describe_limits(DynamoDb&, const CallContext&,
                                                      const shapes::DescribeLimitsInput&);
Outcome<shapes::DescribeEndpointsOutput> describe_endpoints(DynamoDb&, const CallContext&,
                                                            const shapes::DescribeEndpointsInput&);
// tags.cc
Outcome<shapes::TagResourceOutput> tag_resource(DynamoDb&, const CallContext&, const shapes::TagResourceInput&);
Outcome<shapes::UntagResourceOutput> untag_resource(DynamoDb&, const CallContext&, const shapes::UntagResourceInput&);
Outcome<shapes::ListTagsOfResourceOutput> list_tags_of_resource(DynamoDb&, const CallContext&,
                                                                const shapes::ListTagsOfResourceInput&);
// policies.cc
Outcome<shapes::PutResourcePolicyOutput> put_resource_policy(DynamoDb&, const CallContext&,
                                                             const shapes::PutResourcePolicyInput&);
Outcome<shapes::GetResourcePolicyOutput> get_resource_policy(DynamoDb&, const CallContext&,
                                                             const shapes::GetResourcePolicyInput&);
Outcome<shapes::DeleteResourcePolicyOutput> delete_resource_policy(DynamoDb&, const CallContext&,
                                                                   const shapes::DeleteResourcePolicyInput&);
// ttl.cc
Outcome<shapes::DescribeTimeToLiveOutput> describe_time_to_live(DynamoDb&, const CallContext&,
                                                                const shapes::DescribeTimeToLiveInput&);
Outcome<shapes::UpdateTimeToLiveOutput> update_time_to_live(DynamoDb&, const CallContext&,
                                                            const shapes::UpdateTimeToLiveInput&);
// backups.cc
Outcome<shapes::CreateBackupOutput> create_backup(DynamoDb&, const CallContext&, const shapes::CreateBackupInput&);
Outcome<shapes::DescribeBackupOutput> describe_backup(DynamoDb&, const CallContext&,
                                                      const shapes::DescribeBackupInput&);
Outcome<shapes::ListBackupsOutput> list_backups(DynamoDb&, const CallContext&, const shapes::ListBackupsInput&);
Outcome<shapes::DeleteBackupOutput> delete_backup(DynamoDb&, const CallContext&, const shapes::DeleteBackupInput&);
Outcome<shapes::DescribeContinuousBackupsOutput> describe_continuous_backups(
    DynamoDb&, const CallContext&, const shapes::DescribeContinuousBackupsInput&);
Outcome<shapes::UpdateContinuousBackupsOutput> update_continuous_backups(DynamoDb&, const CallContext&,
                                                                         const shapes::UpdateContinuousBackupsInput&);
// restores.cc
Outcome<shapes::RestoreTableFromBackupOutput> restore_table_from_backup(DynamoDb&, const CallContext&,
                                                                        const shapes::RestoreTableFromBackupInput&);
Outcome<shapes::RestoreTableToPointInTimeOutput> restore_table_to_point_in_time(
    DynamoDb&, const CallContext&, const shapes::RestoreTableToPointInTimeInput&);
// exports.cc
Outcome<shapes::ExportTableToPointInTimeOutput> export_table_to_point_in_time(
    DynamoDb&, const CallContext&, const shapes::ExportTableToPointInTimeInput&);
Outcome<shapes::DescribeExportOutput> describe_export(DynamoDb&, const CallContext&,
                                                      const shapes::DescribeExportInput&);
Outcome<shapes::ListExportsOutput> list_exports(DynamoDb&, const CallContext&, const shapes::ListExportsInput&);
// imports.cc
Outcome<shapes::ImportTableOutput> import_table(DynamoDb&, const CallContext&, const shapes::ImportTableInput&);
Outcome<shapes::DescribeImportOutput> describe_import(DynamoDb&, const CallContext&,
                                                      const shapes::DescribeImportInput&);
Outcome<shapes::ListImportsOutput> list_imports(DynamoDb&, const CallContext&, const shapes::ListImportsInput&);
// kinesis_destinations.cc
Outcome<shapes::EnableKinesisStreamingDestinationOutput> enable_kinesis_streaming_destination(
    DynamoDb&, const CallContext&, const shapes::EnableKinesisStreamingDestinationInput&);
Outcome<shapes::DisableKinesisStreamingDestinationOutput> disable_kinesis_streaming_destination(
    DynamoDb&, const CallContext&, const shapes::DisableKinesisStreamingDestinationInput&);
Outcome<shapes::UpdateKinesisStreamingDestinationOutput> update_kinesis_streaming_destination(
    DynamoDb&, const CallContext&, const shapes::UpdateKinesisStreamingDestinationInput&);
Outcome<shapes::DescribeKinesisStreamingDestinationOutput> describe_kinesis_streaming_destination(
    DynamoDb&, const CallContext&, const shapes::DescribeKinesisStreamingDestinationInput&);

}  // namespace millrace::service::dynamodb
