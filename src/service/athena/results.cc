// GetQueryResults: the stored result object, a page at a time.
#include "src/query/engine.h"
#include "src/service/athena/athena.h"
#include "src/service/athena/errors.h"
#include "src/service/athena/limits.h"

namespace millrace::service::athena {

using namespace aws::athena;

namespace {

ColumnInfo describe(const query::ResultColumn& column) {
    ColumnInfo info;
    info.CatalogName = "hive";
    info.SchemaName = "";
    info.TableName = "";
    info.Name = column.name;
    info.Label = column.name;
    info.Type = column.type;
    info.Precision = column.precision;
    info.Scale = column.scale;
    info.Nullable = "UNKNOWN";
    info.CaseSensitive = column.type == "varchar" || column.type == "char";
    return info;
}

}  // namespace

aws::Outcome<GetQueryResultsOutput> Athena::get_query_results(const aws::CallContext& context,
                                                              const GetQueryResultsInput& input) {
    if (input.QueryResultType.value_or("DATA_ROWS") != "DATA_ROWS") {
        return invalid_request("Millrace does not honour QueryResultType DATA_MANIFEST: no manifest is written.");
    }
    Result<query::QueryExecution> execution = queries_.execution(context.scope, input.QueryExecutionId);
    if (!execution.ok() && execution.error().code == ErrorCode::not_found) {
        return invalid_request("QueryExecution " + input.QueryExecutionId + " was not found");
    }
    if (!execution.ok()) return failure_of(execution.error());
    const std::string state(name_of(execution->state));
    if (execution->state == query::QueryState::queued || execution->state == query::QueryState::running) {
        return invalid_request("Query has not yet finished. Current state: " + state);
    }
    if (execution->state != query::QueryState::succeeded) {
        return invalid_request("Query did not finish successfully. Final query state: " + state);
    }
    const auto limit = static_cast<size_t>(input.MaxResults.value_or(query_results_page_max));
    ATHENA_TRY_ASSIGN(query::ResultPage page,
                      queries_.results(context.scope, input.QueryExecutionId, input.NextToken.value_or(""), limit));
    GetQueryResultsOutput output;
    output.UpdateCount = 0;
    auto& set = output.ResultSet.emplace();
    auto& columns = set.ResultSetMetadata.emplace().ColumnInfo.emplace();
    for (const query::ResultColumn& column : page.columns) columns.push_back(describe(column));
    auto& rows = set.Rows.emplace();
    rows.reserve(page.rows.size());
    for (query::ResultRow& row : page.rows) {
        auto& data = rows.emplace_back().Data.emplace();
        data.reserve(row.values.size());
        for (std::optional<std::string>& value : row.values) data.emplace_back().VarCharValue = std::move(value);
    }
    if (!page.next.empty()) output.NextToken = std::move(page.next);
    return output;
}

}  // namespace millrace::service::athena
