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
constexpr std::string_view no_vectors = "there are no vector indexes";

}  // namespace

aws::Service operations(DynamoDb& dynamodb) {
    return aws::make_service(
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
            MILLRACE_OPERATION(BatchExecuteStatement, worker, write, "dynamodb:PartiQLUpdate",
                               batch_execute_statement),
            MILLRACE_OPERATION(ExecuteTransaction, worker, write, "dynamodb:PartiQLUpdate", execute_transaction),
            // --- tables ---
            MILLRACE_OPERATION(CreateTable, worker, write, "dynamodb:CreateTable", create_table)
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
        });
}

}  // namespace millrace::service::dynamodb
