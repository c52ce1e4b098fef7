// Glue's published limits that are not in the API model.
// (docs.aws.amazon.com/glue/latest/webapi/: each operation's page)
#pragma once

#include <cstddef>

namespace millrace::service::glue {

constexpr size_t databases_page_max = 100;          // GetDatabases
constexpr size_t tables_page_max = 100;             // GetTables, GetTableVersions
constexpr size_t partitions_page_max = 1000;        // GetPartitions
constexpr size_t search_page_max = 1000;            // SearchTables
constexpr size_t table_pattern_wildcards_max = 32;  // ours: bounds the work of matching a GetTables Expression

}  // namespace millrace::service::glue
