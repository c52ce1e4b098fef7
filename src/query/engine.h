// SQL over the lake. A query is text and a scope; its answer is an object beside which its description lies:
//
//   start() -> QUEUED -> RUNNING -> SUCCEEDED | FAILED | CANCELLED
//
// DDL (Athena's Hive dialect) is parsed and carried out here, against catalog::Lake. SELECT, WITH, VALUES and EXPLAIN
// are user-written programs, so this process never runs them: each goes to a child process of its own
// (`millrace query-worker`, see src/query/README.md) that holds one socket to us and nothing else. The
// child asks for the tables that the query names; we look them up and hand over read-only descriptors of exactly their
// objects.
//
// Every execution is a durable entry of catalog::Registry (kind "athena.query"). One that ran when the process ended
// is FAILED after the next start: it is never run again, because it may have written its result.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/named.h"
#include "src/base/result.h"
#include "src/base/scope.h"

namespace millrace::catalog {
class Lake;
class Registry;
}  // namespace millrace::catalog
namespace millrace::io {
class Clock;
}
namespace millrace::object {
class Store;
}

namespace millrace::query {

enum class QueryState : uint8_t { queued, running, succeeded, failed, cancelled };
std::string_view name_of(QueryState state);  // "QUEUED"... as Athena spells them

// Athena's StatementType: DDL (CREATE, ALTER, DROP, MSCK), DML (SELECT and the like), UTILITY (SHOW, DESCRIBE,
// EXPLAIN).
enum class StatementType : uint8_t { ddl, dml, utility };
std::string_view name_of(StatementType type);

struct ResultColumn {
    std::string name;
    std::string type;  // Athena's: "varchar", "bigint", "decimal", "array", "row", "timestamp with time zone"...
    int32_t precision = 0;
    int32_t scale = 0;
    bool operator==(const ResultColumn&) const = default;
};

struct QueryRequest {
    Scope scope;
    std::string sql;
    std::string catalog = "AwsDataCatalog";
    std::string database = "default";
    std::vector<std::string> parameters;  // ExecutionParameters: one SQL literal for each `?`
    std::string output_location;          // "s3://bucket/prefix/"; the result is PREFIX/ID.csv (or .txt)
    std::string work_group = "primary";
    std::string client_request_token;         // "" for none; the same token and text again returns the same id
    uint64_t scanned_bytes_max = UINT64_MAX;  // a work group's BytesScannedCutoffPerQuery
    std::string extra_json;                   // the service's own, kept and handed back as sent
};

struct QueryStatistics {
    uint64_t scanned_bytes = 0;  // what the query really read of its objects
    uint64_t output_rows = 0;
    uint64_t output_bytes = 0;
    uint64_t input_rows = 0;
    int64_t queue_ms = 0;
    int64_t planning_ms = 0;
    int64_t engine_ms = 0;
    int64_t total_ms = 0;
};

struct QueryExecution {
    std::string id;  // a UUID
    QueryRequest request;
    QueryState state = QueryState::queued;
    StatementType statement_type = StatementType::dml;
    std::string sub_statement;  // "SELECT", "CREATE_TABLE"...: Athena's SubstatementType
    TimestampMs submitted;
    TimestampMs completed;            // 0 until it ended
    std::string output_object;        // "s3://bucket/prefix/ID.csv"; "" where the statement has no result object
    std::string state_change_reason;  // the error, in the words of Athena where it has words for it
    ErrorCode error_code = ErrorCode::internal;  // of a failed one
    QueryStatistics statistics;
    std::vector<ResultColumn> columns;
};

struct ResultRow {
    std::vector<std::optional<std::string>> values;  // absent for NULL
};
struct ResultPage {
    std::vector<ResultColumn> columns;
    std::vector<ResultRow> rows;  // for SELECT the first row of the first page is the header, as Athena's
    std::string next;             // "" at the end; opaque
};

struct IdPage {
    std::vector<std::string> ids;  // newest first
    std::string next;              // "" at the end; opaque
};

struct EngineOptions {
    uint32_t queries_running_max = 2;     // more wait as QUEUED
    uint32_t queries_waiting_max = 1000;  // more are refused (resource_exhausted)
    uint64_t query_memory_bytes_max = 1ULL << 30;
    uint32_t query_threads = 2;
    int64_t query_seconds_max = 1800;        // Athena's DML time-out is 30 minutes
    uint64_t result_bytes_max = 8ULL << 30;  // of one query's result: SQL makes much out of nothing
    size_t history_max = 10'000;             // ended executions kept in an account and region; the oldest go first
    std::string worker_program = "/proc/self/exe";  // run with the arguments below
    std::vector<std::string> worker_arguments = {"millrace", "query-worker"};
};

// Any thread. Everything that is handed to open() outlives the engine; the destructor ends what runs and records it as
// FAILED.
class QueryEngine {
  public:
    static Result<std::unique_ptr<QueryEngine>> open(EngineOptions options, catalog::Lake& lake,
                                                     catalog::Registry& registry, object::Store& objects,
                                                     const io::Clock& clock);
    virtual ~QueryEngine() = default;

    // Returns the id; the query is on disk as QUEUED by then. Errors: invalid_argument (no output location, a text that
    // is empty, longer than 262144 bytes, more than one statement, or not of a kind that we run; a request token that
    // came with another text), resource_exhausted.
    virtual Result<std::string> start(QueryRequest request) = 0;
    virtual Result<QueryExecution> execution(const Scope& scope, std::string_view id) = 0;  // not_found
    // Fine where it has ended already, as StopQueryExecution is. not_found.
    virtual Status cancel(const Scope& scope, std::string_view id) = 0;
    // `work_group` "" for all. invalid_argument for a token that is not ours.
    virtual Result<IdPage> executions(const Scope& scope, std::string_view work_group, std::string_view after,
                                      size_t limit) = 0;
    // Reads the stored result. failed_precondition where the query has not succeeded; not_found where it, or its
    // result object, is gone; invalid_argument for a token that is not ours.
    virtual Result<ResultPage> results(const Scope& scope, std::string_view id, std::string_view after,
                                       size_t rows_max) = 0;
    // Blocks until the query has ended or `timeout_ms` passed; returns what it is then. For tests and the demo.
    virtual Result<QueryExecution> wait(const Scope& scope, std::string_view id, int64_t timeout_ms) = 0;
};

// What `millrace query-worker` runs: the jailed child. Its socket to the parent is descriptor 3. Returns the exit code.
// Never started by hand; not in the help.
int query_worker_main();

}  // namespace millrace::query
