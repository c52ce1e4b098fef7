// The child's life, from exec to exit:
//
//   limits, no_new_privs -> open DuckDB, define functions -> filter system calls -> "ready"
//   -> the query comes -> parse, rewrite, allow-list -> plan (tables are asked for as the binder meets them)
//   -> columns, rows, done
//
// Nothing that the user wrote is looked at before the jail is closed. One query, then the process ends.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "duckdb.hpp"
#include "duckdb/common/file_system.hpp"
#include "duckdb/common/virtual_file_system.hpp"
#include "duckdb/function/replacement_scan.hpp"
#include "duckdb/main/pending_query_result.hpp"
#include "duckdb/main/stream_query_result.hpp"
#include "duckdb/parser/parser.hpp"
#include "duckdb/parser/statement/explain_statement.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref/subqueryref.hpp"
#include <unistd.h>

#include "src/query/engine.h"
#include "src/query/wire.h"
#include "src/query/worker/dialect.h"
#include "src/query/worker/functions.h"
#include "src/query/worker/lake_file_system.h"
#include "src/query/worker/lockdown.h"
#include "src/query/worker/parent.h"
#include "src/query/worker/protocol.h"
#include "src/query/worker/table_scan.h"
#include "src/query/worker/trino_text.h"

namespace millrace::query {

namespace {

constexpr int parent_socket = 3;
constexpr size_t rows_message_bytes = 256 << 10;
constexpr int view_expansions_max = 200;  // of one query: a view that names itself ends here

int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

// Turns a table's name into what DuckDB can read, when the binder meets it.
struct LakeTables : duckdb::ReplacementScanData {
    explicit LakeTables(Parent& to) : parent(to) {}
    Parent& parent;
    std::string catalog;
    std::string database;
    bool with_path = false;
    int views = 0;
    std::optional<Error> error;  // the first that the engine, not DuckDB, found
};

duckdb::unique_ptr<duckdb::TableRef> fail(LakeTables& lake, Error error) {
    const std::string message = error.message;
    if (!lake.error) lake.error = std::move(error);
    throw duckdb::BinderException(message);
}

duckdb::unique_ptr<duckdb::TableRef> find_table(duckdb::ClientContext&, duckdb::ReplacementScanInput& input,
                                                duckdb::optional_ptr<duckdb::ReplacementScanData> data) {
    auto& lake = static_cast<LakeTables&>(*data);
    std::string catalog = lake.catalog;
    std::string database = lake.database;
    if (!decode_table_schema(input.schema_name, &catalog, &database) && !input.schema_name.empty()) return nullptr;
    auto found = lake.parent.table(catalog, database, input.table_name);
    if (!found) return fail(lake, std::move(found).error());
    const TableDescription& table = **found;
    duckdb::unique_ptr<duckdb::SelectStatement> select;
    if (!table.view_sql.empty()) {
        if (++lake.views > view_expansions_max) {
            return fail(lake, {ErrorCode::invalid_argument, "VIEW_IS_RECURSIVE: too many views in one query"});
        }
        DialectOptions options;
        options.catalog = catalog;
        options.database = table.view_database;
        options.name_columns = false;
        auto rewritten = rewrite_query(table.view_sql, options);
        if (!rewritten) return fail(lake, with_context(std::move(rewritten).error(), "INVALID_VIEW"));
        select = std::move(rewritten->select);
    } else {
        Result<std::string> sql = scan_sql(table, lake.with_path);
        if (!sql) return fail(lake, std::move(sql).error());
        duckdb::Parser parser;
        parser.ParseQuery(*sql);
        select =
            duckdb::unique_ptr_cast<duckdb::SQLStatement, duckdb::SelectStatement>(std::move(parser.statements[0]));
    }
    return duckdb::make_uniq<duckdb::SubqueryRef>(std::move(select));
}

// DuckDB's errors in the words that Athena's users know.
Error translate(const duckdb::ErrorData& error) {
    std::string message = error.RawMessage();
    const size_t first_line = message.find("\n\nLINE ");
    if (first_line != std::string::npos) message.resize(first_line);
    const auto with = [&message](ErrorCode code, std::string_view prefix) {
        const size_t colon = message.find(": ");
        const bool coded =
            colon != std::string::npos && message.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") == colon;
        return Error{code, coded ? message : std::string(prefix) + ": " + message};
    };
    switch (error.Type()) {
        case duckdb::ExceptionType::OUT_OF_MEMORY:
            message.resize(
                std::min(message.find('\n'), message.size()));  // then comes advice that nobody here can follow
            return with(ErrorCode::resource_exhausted, "EXCEEDED_LOCAL_MEMORY_LIMIT");
        case duckdb::ExceptionType::PARSER:
        case duckdb::ExceptionType::SYNTAX:
        case duckdb::ExceptionType::CATALOG:
        case duckdb::ExceptionType::BINDER:
            if (message.find("Referenced column") != std::string::npos ||
                message.find("does not have a column named") != std::string::npos) {
                return with(ErrorCode::invalid_argument, "COLUMN_NOT_FOUND");
            }
            if (message.find("Function with name") != std::string::npos) {
                return with(ErrorCode::invalid_argument, "FUNCTION_NOT_FOUND");
            }
            return with(ErrorCode::invalid_argument, "SYNTAX_ERROR");
        case duckdb::ExceptionType::CONVERSION:
            return with(ErrorCode::invalid_argument, "INVALID_CAST_ARGUMENT");
        case duckdb::ExceptionType::OUT_OF_RANGE:
            return with(ErrorCode::invalid_argument, "NUMERIC_VALUE_OUT_OF_RANGE");
        case duckdb::ExceptionType::PERMISSION:
            return with(ErrorCode::permission_denied, "PERMISSION_DENIED");
        case duckdb::ExceptionType::IO:
            return with(ErrorCode::io, "HIVE_CURSOR_ERROR");
        case duckdb::ExceptionType::INVALID_INPUT:
            return with(ErrorCode::invalid_argument, "GENERIC_USER_ERROR");
        default:
            return with(ErrorCode::internal, "GENERIC_INTERNAL_ERROR");
    }
}

class Worker {
  public:
    Worker() : parent_(parent_socket) {}

    int run() {
        Result<WorkerLimits> limits = limits_from_environment();
        if (!limits) return die(limits.error());
        if (Status status = begin_lock_down(limits->jail); !status.ok()) return die(status.error());
        try {
            open(*limits);
        } catch (const std::exception& caught) {
            return die({ErrorCode::internal, duckdb::ErrorData(caught).RawMessage()});
        }
        if (Status status = finish_lock_down(); !status.ok()) return die(status.error());
        Result<Message> asked = parent_.ask(MessageKind::ready, {}, MessageKind::query);
        if (!asked) return 1;
        Result<WorkerQuery> query = decode_worker_query(asked->payload);
        if (!query) return die(query.error());
        counter_.bytes_max = query->scanned_bytes_max;
        Status status = Error{ErrorCode::internal, ""};
        try {
            status = answer(*query);
        } catch (const std::exception& caught) {
            status = translate(duckdb::ErrorData(caught));
        }
        return status.ok() ? finish() : die(status.error());
    }

  private:
    void open(const WorkerLimits& limits) {
        duckdb::DBConfig config;
        config.options.maximum_threads = limits.threads;
        config.options.maximum_memory = limits.memory_bytes_max;
        config.options.use_temporary_directory = false;
        config.options.temporary_directory = "";
        config.options.autoinstall_known_extensions = false;
        config.options.autoload_known_extensions = false;
        config.options.allow_unsigned_extensions = false;
        config.options.allowed_directories.insert(lake_allowed_directory);
        config.options.enable_external_access = false;
        database_ = duckdb::make_uniq<duckdb::DuckDB>(nullptr, &config);
        database_->GetFileSystem().RegisterSubSystem(
            duckdb::unique_ptr<duckdb::FileSystem>(make_lake_file_system(parent_, counter_)));
        connection_ = duckdb::make_uniq<duckdb::Connection>(*database_);
        register_table_functions(*database_->instance);
        register_functions(*database_->instance, *connection_, parent_);
        auto& scans = duckdb::DBConfig::GetConfig(*database_->instance).replacement_scans;
        scans.clear();
        auto tables = duckdb::make_uniq<LakeTables>(parent_);
        tables_ = tables.get();
        scans.emplace_back(find_table, std::move(tables));
        for (const char* setting :
             {"SET TimeZone = 'UTC'", "SET integer_division = true", "SET enable_progress_bar = false",
              "SET disabled_filesystems = 'LocalFileSystem'", "SET lock_configuration = true"}) {
            auto set = connection_->Query(setting);
            if (set->HasError()) set->ThrowError(std::string(setting) + ": ");
        }
    }

    Status answer(const WorkerQuery& query) {
        const int64_t begun_ms = now_ms();
        tables_->catalog = query.catalog;
        tables_->database = query.database;
        tables_->with_path = query.sql.find("$path") != std::string::npos;
        DialectOptions options;
        options.catalog = query.catalog;
        options.database = query.database;
        options.parameters = query.parameters;
        TRY_ASSIGN(RewrittenQuery rewritten, rewrite_query(query.sql, options));
        explain_ = rewritten.explain;
        duckdb::unique_ptr<duckdb::SQLStatement> statement = std::move(rewritten.select);
        if (explain_) {
            statement = duckdb::make_uniq<duckdb::ExplainStatement>(
                std::move(statement),
                rewritten.analyze ? duckdb::ExplainType::EXPLAIN_ANALYZE : duckdb::ExplainType::EXPLAIN_STANDARD);
        }
        auto pending = connection_->PendingQuery(std::move(statement), true);
        statistics_.planning_ms = now_ms() - begun_ms;
        if (pending->HasError()) return failure(pending->GetErrorObject());
        auto result = pending->Execute();
        if (result->HasError()) return failure(result->GetErrorObject());
        TRY(send_columns(*result));
        TRY(send_rows(*result));
        statistics_.engine_ms = now_ms() - begun_ms;
        return {};
    }

    Status failure(const duckdb::ErrorData& error) {
        if (tables_->error) return *tables_->error;
        return translate(error);
    }

    Status send_columns(duckdb::QueryResult& result) {
        WireWriter out;
        std::vector<ResultColumn> columns;
        if (explain_) {
            columns.push_back({.name = "Query Plan", .type = "varchar", .precision = 2147483647});
        } else {
            for (size_t i = 0; i < result.names.size(); ++i) {
                const std::string name =
                    is_unnamed_column(result.names[i]) ? "_col" + std::to_string(i) : result.names[i];
                columns.push_back(describe_column(name, result.types[i]));
            }
        }
        TRY(parent_.ask(MessageKind::columns, encode(columns), MessageKind::go_on));
        return {};
    }

    Status send_rows(duckdb::QueryResult& result) {
        std::string rows;
        for (;;) {
            duckdb::ErrorData error;
            duckdb::unique_ptr<duckdb::DataChunk> chunk;
            if (!result.TryFetch(chunk, error)) return failure(error);
            if (!chunk || chunk->size() == 0) break;
            if (explain_) {
                append_plan(*chunk, &rows);
            } else {
                append_csv_rows(*chunk, &rows);
            }
            statistics_.output_rows += chunk->size();
            if (rows.size() >= rows_message_bytes) {
                TRY(parent_.ask(MessageKind::rows, rows, MessageKind::go_on));
                rows.clear();
            }
        }
        if (!rows.empty()) TRY(parent_.ask(MessageKind::rows, rows, MessageKind::go_on));
        return {};
    }

    static void append_plan(const duckdb::DataChunk& chunk, std::string* rows) {
        for (duckdb::idx_t row = 0; row < chunk.size(); ++row) {
            append_csv_field(chunk.GetValue(1, row).ToString(), rows);
            rows->push_back('\n');
        }
    }

    int finish() {
        statistics_.scanned_bytes = counter_.bytes;
        (void)parent_.tell(MessageKind::done, encode(statistics_)).ok();
        end(0);
    }

    int die(const Error& error) {
        statistics_.scanned_bytes = counter_.bytes;
        (void)parent_.tell(MessageKind::failed, encode_failure(error, statistics_)).ok();
        end(1);
    }

    // Destructors of a database that nobody will use again are only time.
    [[noreturn]] static void end(int code) { ::_exit(code); }

    Parent parent_;
    ScanCounter counter_;
    duckdb::unique_ptr<duckdb::DuckDB> database_;
    duckdb::unique_ptr<duckdb::Connection> connection_;
    LakeTables* tables_ = nullptr;
    QueryStatistics statistics_;
    bool explain_ = false;
};

}  // namespace

int query_worker_main() {
    const int code = Worker().run();
#if __has_feature(address_sanitizer)
    ::_exit(code);  // the leak check at the end wants system calls that the jail has taken away
#endif
    return code;
}

}  // namespace millrace::query
