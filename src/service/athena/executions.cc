// Queries: started, stopped, looked at.
#include "src/query/engine.h"
#include "src/service/athena/athena.h"
#include "src/service/athena/errors.h"
#include "src/service/athena/limits.h"

namespace millrace::service::athena {

using namespace aws::athena;

namespace {

constexpr std::string_view lake_catalog = "AwsDataCatalog";

std::string lower_case(std::string text) {
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
}

// The group's location where it insists on its settings, else the call's, else the group's.
aws::Outcome<std::string> output_location(const WorkGroup& group, const StartQueryExecutionInput& input) {
    std::string of_group;
    bool enforced = false;
    if (group.Configuration) {
        enforced = group.Configuration->EnforceWorkGroupConfiguration.value_or(true);
        if (group.Configuration->ResultConfiguration) {
            of_group = group.Configuration->ResultConfiguration->OutputLocation.value_or("");
        }
    }
    std::string of_call = input.ResultConfiguration ? input.ResultConfiguration->OutputLocation.value_or("") : "";
    std::string location = !of_group.empty() && (enforced || of_call.empty()) ? of_group : of_call;
    if (location.empty()) {
        return invalid_request(
            "No output location provided. An output location is required either through the Workgroup result "
            "configuration setting or as an API input.");
    }
    if (!location.starts_with("s3://") || location.size() == 5) {
        return invalid_request("outputLocation is not a valid S3 path.");
    }
    return location;
}

std::optional<aws::Failure> refuse_values(const aws::CallContext& context, const StartQueryExecutionInput& input) {
    if (input.ResultReuseConfiguration && input.ResultReuseConfiguration->ResultReuseByAgeConfiguration &&
        input.ResultReuseConfiguration->ResultReuseByAgeConfiguration->Enabled) {
        return invalid_request(
            "Millrace does not honour ResultReuseConfiguration: every query is run. Leave it out or set Enabled to "
            "false.");
    }
    if (input.ResultConfiguration &&
        input.ResultConfiguration->ExpectedBucketOwner.value_or(context.scope.account) != context.scope.account) {
        return invalid_request("ExpectedBucketOwner is not the owner of the bucket.");
    }
    if (input.QueryExecutionContext && lower_case(input.QueryExecutionContext->Catalog.value_or(
                                           std::string(lake_catalog))) != lower_case(std::string(lake_catalog))) {
        return invalid_request("Catalog " + *input.QueryExecutionContext->Catalog +
                               " is not found: there is AwsDataCatalog alone.");
    }
    return std::nullopt;
}

// Athena's error catalogue: 2 is the user's, 1 the system's.
// https://docs.aws.amazon.com/athena/latest/ug/error-reference.html
AthenaError athena_error(const query::QueryExecution& execution) {
    const bool system = execution.error_code == ErrorCode::internal || execution.error_code == ErrorCode::io ||
                        execution.error_code == ErrorCode::corruption || execution.error_code == ErrorCode::unavailable;
    AthenaError error;
    error.ErrorCategory = system ? 1 : 2;
    error.Retryable = execution.error_code == ErrorCode::unavailable;
    error.ErrorMessage = execution.state_change_reason;
    return error;
}

QueryExecution describe(const query::QueryExecution& execution) {
    QueryExecution out;
    out.QueryExecutionId = execution.id;
    out.Query = execution.request.sql;
    out.StatementType = std::string(name_of(execution.statement_type));
    if (!execution.sub_statement.empty()) out.SubstatementType = execution.sub_statement;
    out.ResultConfiguration.emplace().OutputLocation =
        execution.output_object.empty() ? execution.request.output_location : execution.output_object;
    out.ResultReuseConfiguration.emplace().ResultReuseByAgeConfiguration.emplace().Enabled = false;
    auto& context = out.QueryExecutionContext.emplace();
    if (!execution.request.database.empty()) context.Database = execution.request.database;
    if (!execution.request.catalog.empty()) context.Catalog = lower_case(execution.request.catalog);
    auto& status = out.Status.emplace();
    status.State = std::string(name_of(execution.state));
    status.SubmissionDateTime = execution.submitted;
    if (execution.completed.value() != 0) status.CompletionDateTime = execution.completed;
    if (!execution.state_change_reason.empty()) status.StateChangeReason = execution.state_change_reason;
    if (execution.state == query::QueryState::failed) status.AthenaError = athena_error(execution);
    auto& statistics = out.Statistics.emplace();
    statistics.EngineExecutionTimeInMillis = execution.statistics.engine_ms;
    statistics.DataScannedInBytes = static_cast<int64_t>(execution.statistics.scanned_bytes);
    statistics.TotalExecutionTimeInMillis = execution.statistics.total_ms;
    statistics.QueryQueueTimeInMillis = execution.statistics.queue_ms;
    statistics.QueryPlanningTimeInMillis = execution.statistics.planning_ms;
    statistics.ResultReuseInformation.emplace().ReusedPreviousResult = false;
    out.WorkGroup = execution.request.work_group;
    out.EngineVersion = {.SelectedEngineVersion = "AUTO", .EffectiveEngineVersion = std::string(engine_version)};
    if (!execution.request.parameters.empty()) out.ExecutionParameters = execution.request.parameters;
    return out;
}

Error not_found(std::string_view id) {
    return {ErrorCode::not_found, "QueryExecution " + std::string(id) + " was not found"};
}

Result<query::QueryExecution> find(query::QueryEngine& queries, const Scope& scope, const std::string& id) {
    Result<query::QueryExecution> execution = queries.execution(scope, id);
    if (!execution.ok() && execution.error().code == ErrorCode::not_found) return not_found(id);
    return execution;
}

}  // namespace

aws::Outcome<StartQueryExecutionOutput> Athena::start_query_execution(const aws::CallContext& context,
                                                                      const StartQueryExecutionInput& input) {
    if (auto failure = refuse_values(context, input)) return *failure;
    const std::string group_name = input.WorkGroup.value_or(std::string(primary_work_group));
    ATHENA_TRY_ASSIGN(const WorkGroup group, work_groups_.get(context.scope, group_name));
    if (group.State == "DISABLED") return invalid_request("WorkGroup " + group_name + " is disabled.");

    query::QueryRequest request;
    request.scope = context.scope;
    request.sql = input.QueryString;
    if (input.QueryExecutionContext && input.QueryExecutionContext->Database) {
        request.database = *input.QueryExecutionContext->Database;
    }
    request.parameters = input.ExecutionParameters.value_or(std::vector<std::string>());
    TRY_ASSIGN(request.output_location, output_location(group, input));
    request.work_group = group_name;
    request.client_request_token = input.ClientRequestToken.value_or("");
    if (group.Configuration && group.Configuration->BytesScannedCutoffPerQuery) {
        request.scanned_bytes_max = static_cast<uint64_t>(*group.Configuration->BytesScannedCutoffPerQuery);
    }
    ATHENA_TRY_ASSIGN(std::string id, queries_.start(std::move(request)));
    return StartQueryExecutionOutput{.QueryExecutionId = std::move(id)};
}

aws::Outcome<StopQueryExecutionOutput> Athena::stop_query_execution(const aws::CallContext& context,
                                                                    const StopQueryExecutionInput& input) {
    ATHENA_TRY(find(queries_, context.scope, input.QueryExecutionId));
    ATHENA_TRY(queries_.cancel(context.scope, input.QueryExecutionId));
    return StopQueryExecutionOutput{};
}

aws::Outcome<GetQueryExecutionOutput> Athena::get_query_execution(const aws::CallContext& context,
                                                                  const GetQueryExecutionInput& input) {
    ATHENA_TRY_ASSIGN(const query::QueryExecution execution, find(queries_, context.scope, input.QueryExecutionId));
    return GetQueryExecutionOutput{.QueryExecution = describe(execution)};
}

aws::Outcome<BatchGetQueryExecutionOutput> Athena::batch_get_query_execution(const aws::CallContext& context,
                                                                             const BatchGetQueryExecutionInput& input) {
    BatchGetQueryExecutionOutput output;
    output.QueryExecutions.emplace();
    output.UnprocessedQueryExecutionIds.emplace();
    for (const std::string& id : input.QueryExecutionIds) {
        const Result<query::QueryExecution> execution = find(queries_, context.scope, id);
        if (execution.ok()) {
            output.QueryExecutions->push_back(describe(*execution));
            continue;
        }
        const aws::Failure failure = failure_of(execution.error());
        output.UnprocessedQueryExecutionIds->push_back(
            {.QueryExecutionId = id, .ErrorCode = failure.code, .ErrorMessage = failure.message});
    }
    return output;
}

aws::Outcome<ListQueryExecutionsOutput> Athena::list_query_executions(const aws::CallContext& context,
                                                                      const ListQueryExecutionsInput& input) {
    const std::string group = input.WorkGroup.value_or(std::string(primary_work_group));
    ATHENA_TRY(work_groups_.get(context.scope, group));
    const auto limit = static_cast<size_t>(input.MaxResults.value_or(0));
    ATHENA_TRY_ASSIGN(query::IdPage page, queries_.executions(context.scope, group, input.NextToken.value_or(""),
                                                              limit == 0 ? executions_page_max : limit));
    ListQueryExecutionsOutput output;
    output.QueryExecutionIds = std::move(page.ids);
    if (!page.next.empty()) output.NextToken = std::move(page.next);
    return output;
}

aws::Outcome<GetQueryRuntimeStatisticsOutput> Athena::get_query_runtime_statistics(
    const aws::CallContext& context, const GetQueryRuntimeStatisticsInput& input) {
    ATHENA_TRY_ASSIGN(const query::QueryExecution execution, find(queries_, context.scope, input.QueryExecutionId));
    GetQueryRuntimeStatisticsOutput output;
    auto& statistics = output.QueryRuntimeStatistics.emplace();
    auto& timeline = statistics.Timeline.emplace();
    timeline.QueryQueueTimeInMillis = execution.statistics.queue_ms;
    timeline.QueryPlanningTimeInMillis = execution.statistics.planning_ms;
    timeline.EngineExecutionTimeInMillis = execution.statistics.engine_ms;
    timeline.TotalExecutionTimeInMillis = execution.statistics.total_ms;
    auto& rows = statistics.Rows.emplace();
    rows.InputRows = static_cast<int64_t>(execution.statistics.input_rows);
    rows.InputBytes = static_cast<int64_t>(execution.statistics.scanned_bytes);
    rows.OutputBytes = static_cast<int64_t>(execution.statistics.output_bytes);
    rows.OutputRows = static_cast<int64_t>(execution.statistics.output_rows);
    return output;
}

}  // namespace millrace::service::athena
