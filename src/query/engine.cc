// Queries in order of arrival on a bounded number of threads; each thread follows one query from start to end. What is
// queued or running lives in memory as well as in the registry; what has ended only in the registry, with an index by
// time here.
//
// Locks: mutex_ guards the maps and the live executions' fields; it is never held across disk or a child.
#include "src/query/engine.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>

#include "src/base/checksum.h"
#include "src/catalog/registry.h"
#include "src/io/clock.h"
#include "src/io/executor.h"
#include "src/object/store.h"
#include "src/query/ddl/executor.h"
#include "src/query/ddl/lexer.h"
#include "src/query/ddl/statement.h"
#include "src/query/execution_record.h"
#include "src/query/result_objects.h"
#include "src/query/session/query_tables.h"
#include "src/query/session/worker_session.h"

namespace millrace::query {

namespace {

constexpr std::string_view registry_kind = "athena.query";
constexpr size_t sql_bytes_max = 262'144;  // Athena's quota for a query string
constexpr size_t rows_page_max = 1000;

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool sanitized = true;  // shadow memory is address space
#else
constexpr bool sanitized = false;
#endif
#else
constexpr bool sanitized = false;
#endif

// Code and stacks of the child beside what the query may use.
constexpr uint64_t address_space_slack_bytes = 1536ULL << 20;

struct Live {
    QueryExecution execution;
    Runner runner = Runner::worker;
    int64_t started_ns = 0;
    ChildHandle child;
};

struct IndexKey {
    Scope scope;
    int64_t newest_first =
        0;  // minus the submission time, or what keeps the order where the clock stands or steps back
    std::string id;
    auto operator<=>(const IndexKey&) const = default;
};

bool ended(QueryState state) {
    return state != QueryState::queued && state != QueryState::running;
}

class Engine : public QueryEngine {
  public:
    Engine(EngineOptions options, catalog::Lake& lake, catalog::Registry& registry, object::Store& objects,
           const io::Clock& clock)
        : options_(std::move(options)), lake_(lake), registry_(registry), objects_(objects), clock_(clock) {
        io::ExecutorOptions threads;
        threads.name = "query";
        threads.threads_max = options_.queries_running_max;
        threads.queue_max = options_.queries_waiting_max;
        executor_ = io::make_executor(threads);
    }

    ~Engine() override {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
            for (const auto& [id, live] : live_) live->child.cancel();
        }
        executor_.reset();
        for (const auto& [id, live] : live_) {
            if (!ended(live->execution.state)) fail_stopped(live->execution);
        }
    }

    // Reads the history; what had not ended is FAILED now.
    Status load() {
        std::vector<QueryExecution> interrupted;
        TRY(registry_.for_each(registry_kind, [&](const Scope&, const catalog::Entry& entry) {
            Result<QueryExecution> execution = decode_execution(entry.value);
            if (!execution) return;  // another version's: left alone
            remember(*execution, execution->submitted.value());
            if (!ended(execution->state)) interrupted.push_back(std::move(*execution));
        }));
        for (QueryExecution& execution : interrupted) fail_stopped(execution);
        return {};
    }

    Result<std::string> start(QueryRequest request) override {
        auto live = std::make_shared<Live>();
        TRY_ASSIGN(live->runner, check(request, &live->execution));
        const std::lock_guard starting(start_mutex_);  // one at a time: a token must not start two
        if (!request.client_request_token.empty()) {
            TRY_ASSIGN(const std::optional<std::string> known, started_by(request));
            if (known) return *known;
        }
        live->execution.id = random_uuid();
        live->execution.request = std::move(request);
        live->execution.submitted = clock_.now();
        live->started_ns = clock_.monotonic_ns();
        const std::string id = live->execution.id;
        IndexKey key;
        set_output_object(*live);
        TRY(registry_.create(registry_kind, live->execution.request.scope, id, encode_execution(live->execution)));
        {
            const std::lock_guard lock(mutex_);
            live_[id] = live;
            key = remember(live->execution, std::max(live->execution.submitted.value(), newest_ + 1));
        }
        if (!executor_->submit([this, live] { run(*live); })) {
            const std::lock_guard lock(mutex_);
            live_.erase(id);
            index_.erase(key);
            tokens_.erase({live->execution.request.scope, live->execution.request.client_request_token});
            (void)registry_.remove(registry_kind, live->execution.request.scope, id).ok();
            return Error{ErrorCode::resource_exhausted, "too many queries are waiting already"};
        }
        trim_history(live->execution.request.scope);
        return id;
    }

    Result<QueryExecution> execution(const Scope& scope, std::string_view id) override {
        {
            const std::lock_guard lock(mutex_);
            const auto live = live_.find(std::string(id));
            if (live != live_.end() && live->second->execution.request.scope == scope) return live->second->execution;
        }
        TRY_ASSIGN(const std::optional<std::string> stored, registry_.get(registry_kind, scope, id));
        if (!stored) return Error{ErrorCode::not_found, "QueryExecution " + std::string(id) + " was not found"};
        return decode_execution(*stored);
    }

    Status cancel(const Scope& scope, std::string_view id) override {
        std::shared_ptr<Live> live;
        {
            const std::lock_guard lock(mutex_);
            const auto found = live_.find(std::string(id));
            if (found != live_.end() && found->second->execution.request.scope == scope) live = found->second;
        }
        if (live == nullptr) {
            const auto known = execution(scope, id);
            if (!known) return known.error();
            return {};
        }
        live->child.cancel();
        bool waiting = false;
        {
            const std::lock_guard lock(mutex_);
            waiting = live->execution.state == QueryState::queued;
        }
        // One that runs is recorded by its own thread; one that waits has none yet.
        if (waiting) end(*live, Error{ErrorCode::cancelled, "Query cancelled by user"});
        return {};
    }

    Result<IdPage> executions(const Scope& scope, std::string_view work_group, std::string_view after,
                              size_t limit) override {
        IndexKey from{scope, INT64_MIN, ""};
        if (!after.empty()) {
            const size_t colon = after.find(':');
            if (colon == std::string_view::npos) return bad_token();
            from.newest_first = std::strtoll(std::string(after.substr(0, colon)).c_str(), nullptr, 10);
            from.id = after.substr(colon + 1);
        }
        IdPage page;
        std::string token;
        const std::lock_guard lock(mutex_);
        for (auto at = index_.upper_bound(from); at != index_.end() && at->first.scope == scope; ++at) {
            if (!work_group.empty() && at->second.work_group != work_group) continue;
            if (page.ids.size() == limit) {
                page.next = token;
                break;
            }
            page.ids.push_back(at->first.id);
            token = std::to_string(at->first.newest_first) + ":" + at->first.id;
        }
        return page;
    }

    Result<ResultPage> results(const Scope& scope, std::string_view id, std::string_view after,
                               size_t rows_max) override {
        TRY_ASSIGN(const QueryExecution query, execution(scope, id));
        if (query.state != QueryState::succeeded) {
            return Error{
                ErrorCode::failed_precondition,
                ended(query.state)
                    ? "Query did not finish successfully. Final query state: " + std::string(name_of(query.state))
                    : "Query has not yet finished. Current state: " + std::string(name_of(query.state))};
        }
        uint64_t offset = 0;
        for (const char c : after) {
            if (c < '0' || c > '9' || offset > (uint64_t{1} << 56)) return bad_token();
            offset = offset * 10 + static_cast<uint64_t>(c - '0');
        }
        ResultPage page;
        page.columns = query.columns;
        if (query.columns.empty()) return page;
        TRY_ASSIGN(auto rows, read_rows(objects_, query.output_object, offset, std::min(rows_max, rows_page_max)));
        page.rows = std::move(rows.first);
        if (rows.second != 0) page.next = std::to_string(rows.second);
        return page;
    }

    Result<QueryExecution> wait(const Scope& scope, std::string_view id, int64_t timeout_ms) override {
        {
            std::unique_lock lock(mutex_);
            changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                              [&] { return !live_.contains(std::string(id)); });
        }
        return execution(scope, id);
    }

  private:
    static Error bad_token() { return {ErrorCode::invalid_argument, "Invalid pagination token"}; }

    // Refuses what can be refused before it is queued; says what kind of statement it is.
    Result<Runner> check(const QueryRequest& request, QueryExecution* execution) {
        if (request.sql.empty() || request.sql.size() > sql_bytes_max) {
            return Error{ErrorCode::invalid_argument, "QueryString must have 1 to 262144 bytes"};
        }
        std::string bucket;
        std::string prefix;
        if (request.output_location.empty()) {
            return Error{ErrorCode::invalid_argument,
                         "No output location provided. An output location is required either through the Workgroup "
                         "result configuration setting or as an API input."};
        }
        if (!parse_location(request.output_location, &bucket, &prefix)) {
            return Error{ErrorCode::invalid_argument, "outputLocation is not a valid S3 path."};
        }
        const auto known = objects_.bucket(bucket);
        if (!known) {
            if (known.error().code != ErrorCode::not_found) return known.error();
            return Error{ErrorCode::invalid_argument, "Unable to verify/create output bucket " + bucket};
        }
        if (!known->is_of(request.scope.account)) {
            return Error{ErrorCode::invalid_argument, "Access denied when writing output to bucket " + bucket};
        }
        Result<Runner> runner = runner_of(request.sql);
        if (!runner) return Error{ErrorCode::invalid_argument, std::move(runner).error().message};
        if (*runner == Runner::worker) {
            TRY_ASSIGN(const auto tokens, tokenize_ddl(request.sql));
            const bool explain = tokens[0].is("EXPLAIN");
            execution->statement_type = explain ? StatementType::utility : StatementType::dml;
            execution->sub_statement = explain ? "EXPLAIN" : "SELECT";
            return runner;
        }
        if (!request.parameters.empty()) {
            return Error{ErrorCode::invalid_argument, "ExecutionParameters are for SELECT statements only"};
        }
        Result<DdlStatement> statement = parse_ddl(request.sql);
        if (!statement) return Error{ErrorCode::invalid_argument, std::move(statement).error().message};
        execution->statement_type =
            statement->kind >= DdlKind::show_databases ? StatementType::utility : StatementType::ddl;
        execution->sub_statement = sub_statement_of(statement->kind);
        return runner;
    }

    static void set_output_object(Live& live) {
        std::string location = live.execution.request.output_location;
        if (!location.ends_with('/')) location += '/';
        live.execution.output_object = location + live.execution.id + (live.runner == Runner::worker ? ".csv" : ".txt");
    }

    Result<std::optional<std::string>> started_by(const QueryRequest& request) {
        std::string id;
        {
            const std::lock_guard lock(mutex_);
            const auto known = tokens_.find({request.scope, request.client_request_token});
            if (known == tokens_.end()) return std::optional<std::string>();
            id = known->second;
        }
        const auto before = execution(request.scope, id);
        if (!before) return std::optional<std::string>();
        if (before->request.sql != request.sql || before->request.database != request.database) {
            return Error{ErrorCode::invalid_argument, "Idempotent parameters do not match"};
        }
        return std::optional(id);
    }

    IndexKey remember(const QueryExecution& execution, int64_t order) {
        newest_ = std::max(newest_, order);
        const QueryRequest& request = execution.request;
        const IndexKey key{request.scope, -order, execution.id};
        index_[key] = {request.work_group, request.client_request_token};
        if (!request.client_request_token.empty())
            tokens_[{request.scope, request.client_request_token}] = execution.id;
        return key;
    }

    void fail_stopped(QueryExecution& execution) {
        execution.state = QueryState::failed;
        execution.error_code = ErrorCode::unavailable;
        execution.state_change_reason = "Query failed: the server stopped before the query had ended";
        execution.completed = clock_.now();
        (void)registry_.put(registry_kind, execution.request.scope, execution.id, encode_execution(execution)).ok();
    }

    void trim_history(const Scope& scope) {
        std::vector<IndexKey> old;
        {
            const std::lock_guard lock(mutex_);
            if (index_.size() <= options_.history_max) return;
            // Of this account and region alone: nobody's queries push out another's.
            const auto begin = index_.lower_bound({scope, INT64_MIN, ""});
            auto at = begin;
            size_t count = 0;
            for (; at != index_.end() && at->first.scope == scope; ++at) ++count;
            while (at != begin && count - old.size() > options_.history_max) {
                --at;
                if (!live_.contains(at->first.id)) old.push_back(at->first);
            }
            for (const IndexKey& key : old) {
                const auto gone = index_.find(key);
                const auto token = tokens_.find({scope, gone->second.token});
                if (token != tokens_.end() && token->second == key.id) tokens_.erase(token);
                index_.erase(gone);
            }
        }
        for (const IndexKey& key : old) (void)registry_.remove(registry_kind, key.scope, key.id).ok();
    }

    void run(Live& live) {
        {
            const std::lock_guard lock(mutex_);
            if (stopping_ || live.execution.state != QueryState::queued) return;
            live.execution.state = QueryState::running;
            live.execution.statistics.queue_ms = elapsed_ms(live);
        }
        const int64_t begun_ms = elapsed_ms(live);
        Status status = live.runner == Runner::worker ? run_select(live) : run_ddl(live);
        {
            const std::lock_guard lock(mutex_);
            live.execution.statistics.engine_ms =
                std::max(live.execution.statistics.engine_ms, elapsed_ms(live) - begun_ms);
            if (stopping_) return;  // the destructor records it
        }
        end(live, std::move(status));
    }

    int64_t elapsed_ms(const Live& live) const { return (clock_.monotonic_ns() - live.started_ns) / 1'000'000; }

    Status run_select(Live& live) {
        const QueryRequest& request = live.execution.request;
        std::string bucket;
        std::string key;
        parse_location(live.execution.output_object, &bucket, &key);
        QueryTables tables(request.scope, lake_, objects_);
        CsvResult result(objects_, bucket, key, live.execution.id, options_.result_bytes_max);
        WorkerOptions worker;
        worker.program = options_.worker_program;
        worker.arguments = options_.worker_arguments;
        worker.limits.memory_bytes_max = options_.query_memory_bytes_max;
        worker.limits.threads = options_.query_threads;
        worker.limits.jail.address_space_bytes_max =
            sanitized ? UINT64_MAX : options_.query_memory_bytes_max + address_space_slack_bytes;
        worker.limits.jail.processor_seconds_max =
            static_cast<uint64_t>(options_.query_seconds_max) * options_.query_threads + 1;
        worker.seconds_max = options_.query_seconds_max;
        const WorkerQuery query{.sql = request.sql,
                                .catalog = request.catalog,
                                .database = request.database,
                                .parameters = request.parameters,
                                .scanned_bytes_max = request.scanned_bytes_max};
        QueryStatistics statistics;
        Status status = run_worker(worker, query, tables, result, live.child, &statistics);
        if (status.ok()) status = result.commit();
        const std::lock_guard lock(mutex_);
        statistics.queue_ms = live.execution.statistics.queue_ms;
        statistics.output_bytes = result.bytes();
        live.execution.statistics = statistics;
        if (status.ok()) live.execution.columns = result.seen_columns();
        return status;
    }

    Status run_ddl(Live& live) {
        const QueryRequest& request = live.execution.request;
        TRY_ASSIGN(const DdlStatement statement, parse_ddl(request.sql));
        TRY_ASSIGN(const DdlOutcome outcome, execute_ddl(statement, request.scope, request.database, lake_, objects_));
        std::string bucket;
        std::string key;
        parse_location(live.execution.output_object, &bucket, &key);
        TRY_ASSIGN(const uint64_t bytes,
                   write_text_result(objects_, bucket, key, live.execution.id, outcome.columns, outcome.rows));
        const std::lock_guard lock(mutex_);
        live.execution.columns = outcome.columns;
        live.execution.statistics.output_bytes = bytes;
        live.execution.statistics.output_rows = outcome.rows.size();
        return {};
    }

    // Records the outcome; only then is the query seen to have ended.
    void end(Live& live, Status status) {
        QueryExecution execution;
        {
            const std::lock_guard lock(mutex_);
            if (!live_.contains(live.execution.id)) return;
            execution = live.execution;
        }
        execution.completed = clock_.now();
        execution.statistics.total_ms = elapsed_ms(live);
        execution.state = QueryState::succeeded;
        if (!status.ok()) {
            execution.state = status.error().code == ErrorCode::cancelled ? QueryState::cancelled : QueryState::failed;
            execution.error_code = status.error().code;
            execution.state_change_reason = status.error().message;
        }
        const Status stored =
            registry_.put(registry_kind, execution.request.scope, execution.id, encode_execution(execution));
        const std::lock_guard lock(mutex_);
        if (!stored.ok() && execution.state == QueryState::succeeded) {
            // Not on disk is not done: it stays in memory as failed, and is FAILED after a restart as well.
            execution.state = QueryState::failed;
            execution.state_change_reason = stored.error().message;
        }
        // Field by field: the query's own thread may be reading the request.
        live.execution.state = execution.state;
        live.execution.completed = execution.completed;
        live.execution.error_code = execution.error_code;
        live.execution.state_change_reason = execution.state_change_reason;
        live.execution.statistics = execution.statistics;
        if (stored.ok()) live_.erase(execution.id);
        changed_.notify_all();
    }

    const EngineOptions options_;
    catalog::Lake& lake_;
    catalog::Registry& registry_;
    object::Store& objects_;
    const io::Clock& clock_;
    std::mutex start_mutex_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, std::shared_ptr<Live>> live_;
    struct Known {
        std::string work_group;
        std::string token;
    };
    std::map<IndexKey, Known> index_;
    int64_t newest_ = 0;  // in index_
    std::map<std::pair<Scope, std::string>, std::string> tokens_;
    bool stopping_ = false;
    std::unique_ptr<io::Executor> executor_;
};

}  // namespace

Result<std::unique_ptr<QueryEngine>> QueryEngine::open(EngineOptions options, catalog::Lake& lake,
                                                       catalog::Registry& registry, object::Store& objects,
                                                       const io::Clock& clock) {
    auto engine = std::make_unique<Engine>(std::move(options), lake, registry, objects, clock);
    TRY(engine->load());
    return std::unique_ptr<QueryEngine>(std::move(engine));
}

}  // namespace millrace::query
