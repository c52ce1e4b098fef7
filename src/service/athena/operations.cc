// The table of Athena: one row an operation. src/aws/README.md says how rows are written.
#include "src/service/athena/operations.h"

#include "src/service/athena/athena.h"

namespace millrace::service::athena {

using namespace aws::athena;  // the generated shapes

namespace {

constexpr std::string_view no_encryption = "objects are not encrypted by us";
constexpr std::string_view no_spark = "there is no Spark engine";
constexpr std::string_view no_managed_results = "results go to a bucket of yours";
constexpr std::string_view no_identity_center = "there is no IAM Identity Center";
constexpr std::string_view no_access_grants = "there are no S3 access grants";
constexpr std::string_view no_logging = "query logs are not delivered anywhere";
constexpr std::string_view no_system_tables = "there are no system tables";

}  // namespace

aws::Service operations(Athena& athena) {
    return aws::make_service(
        athena, model(),
        {
            MILLRACE_OPERATION(StartQueryExecution, worker, write, "athena:StartQueryExecution",
                               &Athena::start_query_execution)
                .refuse("ResultConfiguration.EncryptionConfiguration", no_encryption)
                .refuse("EngineConfiguration", no_spark),
            MILLRACE_OPERATION(StopQueryExecution, worker, write, "athena:StopQueryExecution",
                               &Athena::stop_query_execution),
            MILLRACE_OPERATION(GetQueryExecution, worker, read, "athena:GetQueryExecution",
                               &Athena::get_query_execution),
            MILLRACE_OPERATION(BatchGetQueryExecution, worker, read, "athena:BatchGetQueryExecution",
                               &Athena::batch_get_query_execution),
            MILLRACE_OPERATION(ListQueryExecutions, worker, read, "athena:ListQueryExecutions",
                               &Athena::list_query_executions),
            MILLRACE_OPERATION(GetQueryRuntimeStatistics, worker, read, "athena:GetQueryRuntimeStatistics",
                               &Athena::get_query_runtime_statistics),
            MILLRACE_OPERATION(GetQueryResults, worker, read, "athena:GetQueryResults", &Athena::get_query_results),

            MILLRACE_OPERATION(CreateWorkGroup, worker, write, "athena:CreateWorkGroup", &Athena::create_work_group)
                .refuse("Configuration.ResultConfiguration.EncryptionConfiguration", no_encryption)
                .refuse("Configuration.ManagedQueryResultsConfiguration", no_managed_results)
                .refuse("Configuration.AdditionalConfiguration", no_spark)
                .refuse("Configuration.ExecutionRole", no_spark)
                .refuse("Configuration.MonitoringConfiguration", no_logging)
                .refuse("Configuration.EngineConfiguration", no_spark)
                .refuse("Configuration.CustomerContentEncryptionConfiguration", no_encryption)
                .refuse("Configuration.EnableMinimumEncryptionConfiguration", no_encryption)
                .refuse("Configuration.IdentityCenterConfiguration", no_identity_center)
                .refuse("Configuration.QueryResultsS3AccessGrantsConfiguration", no_access_grants)
                .refuse("Configuration.SystemTableStatuses", no_system_tables),
            MILLRACE_OPERATION(GetWorkGroup, worker, read, "athena:GetWorkGroup", &Athena::get_work_group),
            MILLRACE_OPERATION(UpdateWorkGroup, worker, write, "athena:UpdateWorkGroup", &Athena::update_work_group)
                .refuse("ConfigurationUpdates.ResultConfigurationUpdates.EncryptionConfiguration", no_encryption)
                .refuse("ConfigurationUpdates.ManagedQueryResultsConfigurationUpdates", no_managed_results)
                .refuse("ConfigurationUpdates.AdditionalConfiguration", no_spark)
                .refuse("ConfigurationUpdates.ExecutionRole", no_spark)
                .refuse("ConfigurationUpdates.CustomerContentEncryptionConfiguration", no_encryption)
                .refuse("ConfigurationUpdates.EnableMinimumEncryptionConfiguration", no_encryption)
                .refuse("ConfigurationUpdates.QueryResultsS3AccessGrantsConfiguration", no_access_grants)
                .refuse("ConfigurationUpdates.MonitoringConfiguration", no_logging)
                .refuse("ConfigurationUpdates.EngineConfiguration", no_spark),
            MILLRACE_OPERATION(DeleteWorkGroup, worker, write, "athena:DeleteWorkGroup", &Athena::delete_work_group),
            MILLRACE_OPERATION(ListWorkGroups, worker, read, "athena:ListWorkGroups", &Athena::list_work_groups),
            MILLRACE_OPERATION(ListEngineVersions, worker, read, "athena:ListEngineVersions",
                               &Athena::list_engine_versions),
            MILLRACE_OPERATION(TagResource, worker, write, "athena:TagResource", &Athena::tag_resource),
            MILLRACE_OPERATION(UntagResource, worker, write, "athena:UntagResource", &Athena::untag_resource),
            MILLRACE_OPERATION(ListTagsForResource, worker, read, "athena:ListTagsForResource",
                               &Athena::list_tags_for_resource),

            MILLRACE_OPERATION(CreateNamedQuery, worker, write, "athena:CreateNamedQuery", &Athena::create_named_query),
            MILLRACE_OPERATION(GetNamedQuery, worker, read, "athena:GetNamedQuery", &Athena::get_named_query),
            MILLRACE_OPERATION(BatchGetNamedQuery, worker, read, "athena:BatchGetNamedQuery",
                               &Athena::batch_get_named_query),
            MILLRACE_OPERATION(ListNamedQueries, worker, read, "athena:ListNamedQueries", &Athena::list_named_queries),
            MILLRACE_OPERATION(DeleteNamedQuery, worker, write, "athena:DeleteNamedQuery", &Athena::delete_named_query),

            MILLRACE_OPERATION(ListDataCatalogs, worker, read, "athena:ListDataCatalogs", &Athena::list_data_catalogs),
            MILLRACE_OPERATION(GetDataCatalog, worker, read, "athena:GetDataCatalog", &Athena::get_data_catalog),
            MILLRACE_OPERATION(ListDatabases, worker, read, "athena:ListDatabases", &Athena::list_databases),
            MILLRACE_OPERATION(GetDatabase, worker, read, "athena:GetDatabase", &Athena::get_database),
            MILLRACE_OPERATION(ListTableMetadata, worker, read, "athena:ListTableMetadata",
                               &Athena::list_table_metadata)
                .refuse("Expression", "tables are listed whole; filter the answer"),
            MILLRACE_OPERATION(GetTableMetadata, worker, read, "athena:GetTableMetadata", &Athena::get_table_metadata),
        });
}

}  // namespace millrace::service::athena
