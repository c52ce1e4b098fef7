// The table of Glue: one row an operation. src/aws/README.md says how rows are written.
#include "src/service/glue/operations.h"

#include "src/service/glue/glue.h"

namespace millrace::service::glue {

using namespace aws::glue;  // the generated shapes

namespace {

constexpr std::string_view no_transactions = "tables are not governed: there are no transactions";
constexpr std::string_view no_time_travel = "tables are not governed: there is no earlier state to read";
constexpr std::string_view no_links = "there are no resource links";
constexpr std::string_view no_federation = "there are no federated catalogs";
constexpr std::string_view no_schema_registry = "there is no schema registry";
constexpr std::string_view no_managed_views = "views are texts; there are no managed views";
constexpr std::string_view no_iceberg = "tables of open formats are not managed";

}  // namespace

aws::Service operations(Glue& glue) {
    return aws::make_service(
        glue, model(),
        {
            MILLRACE_OPERATION(CreateDatabase, worker, write, "glue:CreateDatabase", &Glue::create_database)
                .refuse("DatabaseInput.TargetDatabase", no_links)
                .refuse("DatabaseInput.FederatedDatabase", no_federation),
            MILLRACE_OPERATION(GetDatabase, worker, read, "glue:GetDatabase", &Glue::get_database),
            MILLRACE_OPERATION(GetDatabases, worker, read, "glue:GetDatabases", &Glue::get_databases),
            MILLRACE_OPERATION(UpdateDatabase, worker, write, "glue:UpdateDatabase", &Glue::update_database)
                .refuse("DatabaseInput.TargetDatabase", no_links)
                .refuse("DatabaseInput.FederatedDatabase", no_federation),
            MILLRACE_OPERATION(DeleteDatabase, worker, write, "glue:DeleteDatabase", &Glue::delete_database),

            MILLRACE_OPERATION(CreateTable, worker, write, "glue:CreateTable", &Glue::create_table)
                .refuse("Name", no_iceberg)
                .refuse("PartitionIndexes", "partitions are kept in order of their values, without indexes")
                .refuse("TransactionId", no_transactions)
                .refuse("OpenTableFormatInput", no_iceberg)
                .refuse("TableInput.TargetTable", no_links)
                .refuse("TableInput.FederatedTable", no_federation)
                .refuse("TableInput.ViewDefinition", no_managed_views)
                .refuse("TableInput.StorageDescriptor.SchemaReference", no_schema_registry),
            MILLRACE_OPERATION(GetTable, worker, read, "glue:GetTable", &Glue::get_table)
                .refuse("TransactionId", no_transactions)
                .refuse("QueryAsOfTime", no_time_travel),
            MILLRACE_OPERATION(GetTables, worker, read, "glue:GetTables", &Glue::get_tables)
                .refuse("TransactionId", no_transactions)
                .refuse("QueryAsOfTime", no_time_travel),
            MILLRACE_OPERATION(SearchTables, worker, read, "glue:SearchTables", &Glue::search_tables),
            MILLRACE_OPERATION(UpdateTable, worker, write, "glue:UpdateTable", &Glue::update_table)
                .refuse("Name", no_iceberg)
                .refuse("TransactionId", no_transactions)
                .refuse("ViewUpdateAction", no_managed_views)
                .refuse("UpdateOpenTableFormatInput", no_iceberg)
                .refuse("TableInput.TargetTable", no_links)
                .refuse("TableInput.FederatedTable", no_federation)
                .refuse("TableInput.ViewDefinition", no_managed_views)
                .refuse("TableInput.StorageDescriptor.SchemaReference", no_schema_registry),
            MILLRACE_OPERATION(DeleteTable, worker, write, "glue:DeleteTable", &Glue::delete_table)
                .refuse("TransactionId", no_transactions),
            MILLRACE_OPERATION(BatchDeleteTable, worker, write, "glue:BatchDeleteTable", &Glue::batch_delete_table)
                .refuse("TransactionId", no_transactions),

            MILLRACE_OPERATION(GetTableVersion, worker, read, "glue:GetTableVersion", &Glue::get_table_version),
            MILLRACE_OPERATION(GetTableVersions, worker, read, "glue:GetTableVersions", &Glue::get_table_versions),
            MILLRACE_OPERATION(DeleteTableVersion, worker, write, "glue:DeleteTableVersion",
                               &Glue::delete_table_version),
            MILLRACE_OPERATION(BatchDeleteTableVersion, worker, write, "glue:BatchDeleteTableVersion",
                               &Glue::batch_delete_table_version),

            MILLRACE_OPERATION(CreatePartition, worker, write, "glue:CreatePartition", &Glue::create_partition)
                .refuse("PartitionInput.StorageDescriptor.SchemaReference", no_schema_registry),
            MILLRACE_OPERATION(BatchCreatePartition, worker, write, "glue:BatchCreatePartition",
                               &Glue::batch_create_partition)
                .refuse("PartitionInputList[].StorageDescriptor.SchemaReference", no_schema_registry),
            MILLRACE_OPERATION(GetPartition, worker, read, "glue:GetPartition", &Glue::get_partition),
            MILLRACE_OPERATION(GetPartitions, worker, read, "glue:GetPartitions", &Glue::get_partitions)
                .refuse("TransactionId", no_transactions)
                .refuse("QueryAsOfTime", no_time_travel),
            MILLRACE_OPERATION(BatchGetPartition, worker, read, "glue:BatchGetPartition", &Glue::batch_get_partition),
            MILLRACE_OPERATION(UpdatePartition, worker, write, "glue:UpdatePartition", &Glue::update_partition)
                .refuse("PartitionInput.StorageDescriptor.SchemaReference", no_schema_registry),
            MILLRACE_OPERATION(BatchUpdatePartition, worker, write, "glue:BatchUpdatePartition",
                               &Glue::batch_update_partition)
                .refuse("Entries[].PartitionInput.StorageDescriptor.SchemaReference", no_schema_registry),
            MILLRACE_OPERATION(DeletePartition, worker, write, "glue:DeletePartition", &Glue::delete_partition),
            MILLRACE_OPERATION(BatchDeletePartition, worker, write, "glue:BatchDeletePartition",
                               &Glue::batch_delete_partition),
            MILLRACE_OPERATION(GetPartitionIndexes, worker, read, "glue:GetPartitionIndexes",
                               &Glue::get_partition_indexes),

            MILLRACE_OPERATION(GetTags, worker, read, "glue:GetTags", &Glue::get_tags),
            MILLRACE_OPERATION(TagResource, worker, write, "glue:TagResource", &Glue::tag_resource),
            MILLRACE_OPERATION(UntagResource, worker, write, "glue:UntagResource", &Glue::untag_resource),
        });
}

}  // namespace millrace::service::glue
