// Athena: the object behind the operations. Queries are query::QueryEngine's; work groups and saved queries are entries
// of the registry; databases and tables are the lake's. Every handler runs on the executor and may block; any thread.
#pragma once

#include "aws/athena/shapes.h"

#include "src/aws/call.h"
#include "src/catalog/tag_store.h"
#include "src/service/athena/work_groups.h"

namespace millrace::catalog {
class Lake;
class Registry;
}  // namespace millrace::catalog
namespace millrace::io {
class Clock;
}
namespace millrace::query {
class QueryEngine;
}

namespace millrace::service::athena {

constexpr std::string_view named_query_kind = "athena.named_query";  // in the registry, by id

// All outlive it.
class Athena {
  public:
    Athena(query::QueryEngine& queries, catalog::Lake& lake, catalog::Registry& registry, const io::Clock& clock)
        : queries_(queries),
          lake_(lake),
          registry_(registry),
          clock_(clock),
          work_groups_(registry),
          tags_(registry, "athena.tags") {}

#define MILLRACE_ATHENA_HANDLER(NAME, FUNCTION)                                       \
    aws::Outcome<aws::athena::NAME##Output> FUNCTION(const aws::CallContext& context, \
                                                     const aws::athena::NAME##Input& input)

    // executions.cc
    MILLRACE_ATHENA_HANDLER(StartQueryExecution, start_query_execution);
    MILLRACE_ATHENA_HANDLER(StopQueryExecution, stop_query_execution);
    MILLRACE_ATHENA_HANDLER(GetQueryExecution, get_query_execution);
    MILLRACE_ATHENA_HANDLER(BatchGetQueryExecution, batch_get_query_execution);
    MILLRACE_ATHENA_HANDLER(ListQueryExecutions, list_query_executions);
    MILLRACE_ATHENA_HANDLER(GetQueryRuntimeStatistics, get_query_runtime_statistics);
    // results.cc
    MILLRACE_ATHENA_HANDLER(GetQueryResults, get_query_results);
    // work_group_operations.cc
    MILLRACE_ATHENA_HANDLER(CreateWorkGroup, create_work_group);
    MILLRACE_ATHENA_HANDLER(GetWorkGroup, get_work_group);
    MILLRACE_ATHENA_HANDLER(UpdateWorkGroup, update_work_group);
    MILLRACE_ATHENA_HANDLER(DeleteWorkGroup, delete_work_group);
    MILLRACE_ATHENA_HANDLER(ListWorkGroups, list_work_groups);
    MILLRACE_ATHENA_HANDLER(ListEngineVersions, list_engine_versions);
    MILLRACE_ATHENA_HANDLER(TagResource, tag_resource);
    MILLRACE_ATHENA_HANDLER(UntagResource, untag_resource);
    MILLRACE_ATHENA_HANDLER(ListTagsForResource, list_tags_for_resource);
    // named_queries.cc
    MILLRACE_ATHENA_HANDLER(CreateNamedQuery, create_named_query);
    MILLRACE_ATHENA_HANDLER(GetNamedQuery, get_named_query);
    MILLRACE_ATHENA_HANDLER(BatchGetNamedQuery, batch_get_named_query);
    MILLRACE_ATHENA_HANDLER(ListNamedQueries, list_named_queries);
    MILLRACE_ATHENA_HANDLER(DeleteNamedQuery, delete_named_query);
    // metadata.cc
    MILLRACE_ATHENA_HANDLER(ListDataCatalogs, list_data_catalogs);
    MILLRACE_ATHENA_HANDLER(GetDataCatalog, get_data_catalog);
    MILLRACE_ATHENA_HANDLER(ListDatabases, list_databases);
    MILLRACE_ATHENA_HANDLER(GetDatabase, get_database);
    MILLRACE_ATHENA_HANDLER(ListTableMetadata, list_table_metadata);
    MILLRACE_ATHENA_HANDLER(GetTableMetadata, get_table_metadata);

#undef MILLRACE_ATHENA_HANDLER

  private:
    // The ids of a work group's saved queries, in their order.
    Result<std::vector<std::string>> named_query_ids(const Scope& scope, std::string_view work_group);

    query::QueryEngine& queries_;
    catalog::Lake& lake_;
    catalog::Registry& registry_;
    const io::Clock& clock_;
    WorkGroups work_groups_;
    catalog::TagStore tags_;
};

}  // namespace millrace::service::athena
