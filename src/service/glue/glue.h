// AWS Glue's data catalogue: the object behind the operations. Every handler runs on the executor and may block on the
// catalog's disk; any thread.
#pragma once

#include "aws/glue/shapes.h"

#include "src/aws/call.h"
#include "src/catalog/tag_store.h"

namespace millrace::catalog {
class Lake;
class Registry;
}  // namespace millrace::catalog

namespace millrace::service::glue {

// Both outlive it. The registry keeps tags (kind "glue.tags").
class Glue {
  public:
    Glue(catalog::Lake& lake, catalog::Registry& registry) : lake_(lake), tags_(registry, "glue.tags") {}

    // "arn:aws:glue:us-east-1:000000000000:database/sales"; under it a database's tags are kept.
    static std::string database_arn(const Scope& scope, std::string_view database);

#define MILLRACE_GLUE_HANDLER(NAME, FUNCTION) \
    aws::Outcome<aws::glue::NAME##Output> FUNCTION(const aws::CallContext& context, const aws::glue::NAME##Input& input)

    // databases.cc
    MILLRACE_GLUE_HANDLER(CreateDatabase, create_database);
    MILLRACE_GLUE_HANDLER(GetDatabase, get_database);
    MILLRACE_GLUE_HANDLER(GetDatabases, get_databases);
    MILLRACE_GLUE_HANDLER(UpdateDatabase, update_database);
    MILLRACE_GLUE_HANDLER(DeleteDatabase, delete_database);
    // tables.cc
    MILLRACE_GLUE_HANDLER(CreateTable, create_table);
    MILLRACE_GLUE_HANDLER(GetTable, get_table);
    MILLRACE_GLUE_HANDLER(GetTables, get_tables);
    MILLRACE_GLUE_HANDLER(UpdateTable, update_table);
    MILLRACE_GLUE_HANDLER(DeleteTable, delete_table);
    MILLRACE_GLUE_HANDLER(BatchDeleteTable, batch_delete_table);
    // table_search.cc
    MILLRACE_GLUE_HANDLER(SearchTables, search_tables);
    // table_versions.cc
    MILLRACE_GLUE_HANDLER(GetTableVersion, get_table_version);
    MILLRACE_GLUE_HANDLER(GetTableVersions, get_table_versions);
    MILLRACE_GLUE_HANDLER(DeleteTableVersion, delete_table_version);
    MILLRACE_GLUE_HANDLER(BatchDeleteTableVersion, batch_delete_table_version);
    // partitions.cc
    MILLRACE_GLUE_HANDLER(CreatePartition, create_partition);
    MILLRACE_GLUE_HANDLER(BatchCreatePartition, batch_create_partition);
    MILLRACE_GLUE_HANDLER(GetPartition, get_partition);
    MILLRACE_GLUE_HANDLER(GetPartitions, get_partitions);
    MILLRACE_GLUE_HANDLER(BatchGetPartition, batch_get_partition);
    MILLRACE_GLUE_HANDLER(UpdatePartition, update_partition);
    MILLRACE_GLUE_HANDLER(BatchUpdatePartition, batch_update_partition);
    MILLRACE_GLUE_HANDLER(DeletePartition, delete_partition);
    MILLRACE_GLUE_HANDLER(BatchDeletePartition, batch_delete_partition);
    MILLRACE_GLUE_HANDLER(GetPartitionIndexes, get_partition_indexes);
    // tags.cc
    MILLRACE_GLUE_HANDLER(GetTags, get_tags);
    MILLRACE_GLUE_HANDLER(TagResource, tag_resource);
    MILLRACE_GLUE_HANDLER(UntagResource, untag_resource);

#undef MILLRACE_GLUE_HANDLER

  private:
    catalog::Lake& lake_;
    catalog::TagStore tags_;
};

}  // namespace millrace::service::glue
