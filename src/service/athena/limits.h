// Athena's published limits. https://docs.aws.amazon.com/athena/latest/ug/service-limits.html and the API reference.
#pragma once

#include <cstddef>
#include <cstdint>

namespace millrace::service::athena {

constexpr size_t query_results_page_max = 1000;  // GetQueryResults.MaxResults; also its default
constexpr size_t executions_page_max = 50;       // ListQueryExecutions.MaxResults; also its default
constexpr size_t list_page_max = 50;             // of the other lists
constexpr size_t work_groups_max = 1000;         // an account and region

}  // namespace millrace::service::athena
