#include "src/query/worker/protocol.h"

#include <charconv>
#include <cstdlib>

#include "src/query/wire.h"

namespace millrace::query {

namespace {

Error nonsense(std::string_view what) {
    return {ErrorCode::corruption, std::string(what) + " makes no sense"};
}

constexpr const char* limit_names[] = {"MILLRACE_ADDRESS_SPACE_BYTES", "MILLRACE_PROCESSOR_SECONDS",
                                       "MILLRACE_OPEN_FILES", "MILLRACE_MEMORY_BYTES", "MILLRACE_THREADS"};

void put(WireWriter& out, const QueryStatistics& statistics) {
    out.number(statistics.scanned_bytes);
    out.number(statistics.output_rows);
    out.number(static_cast<uint64_t>(statistics.planning_ms));
    out.number(static_cast<uint64_t>(statistics.engine_ms));
}

QueryStatistics get_statistics(WireReader& in) {
    QueryStatistics statistics;
    statistics.scanned_bytes = in.number();
    statistics.output_rows = in.number();
    statistics.planning_ms = static_cast<int64_t>(in.number());
    statistics.engine_ms = static_cast<int64_t>(in.number());
    return statistics;
}

}  // namespace

std::vector<std::string> to_environment(const WorkerLimits& limits) {
    const uint64_t values[] = {limits.jail.address_space_bytes_max, limits.jail.processor_seconds_max,
                               limits.jail.open_files_max, limits.memory_bytes_max, limits.threads};
    std::vector<std::string> environment;
    for (size_t i = 0; i < std::size(values); ++i) {
        environment.push_back(std::string(limit_names[i]) + "=" + std::to_string(values[i]));
    }
    return environment;
}

Result<WorkerLimits> limits_from_environment() {
    uint64_t values[std::size(limit_names)];
    for (size_t i = 0; i < std::size(limit_names); ++i) {
        const char* text = std::getenv(limit_names[i]);
        const std::string_view digits = text == nullptr ? "" : text;
        const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), values[i]);
        if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size()) return nonsense(limit_names[i]);
    }
    WorkerLimits limits;
    limits.jail = {values[0], values[1], values[2]};
    limits.memory_bytes_max = values[3];
    limits.threads = static_cast<uint32_t>(values[4]);
    return limits;
}

std::string encode(const WorkerQuery& query) {
    WireWriter out;
    out.text(query.sql);
    out.text(query.catalog);
    out.text(query.database);
    out.number(query.parameters.size());
    for (const std::string& parameter : query.parameters) out.text(parameter);
    out.number(query.scanned_bytes_max);
    return out.take();
}

Result<WorkerQuery> decode_worker_query(std::string_view bytes) {
    WireReader in(bytes);
    WorkerQuery query;
    query.sql = in.text();
    query.catalog = in.text();
    query.database = in.text();
    query.parameters.resize(in.count(8));
    for (std::string& parameter : query.parameters) parameter = in.text();
    query.scanned_bytes_max = in.number();
    if (!in.done()) return nonsense("a query");
    return query;
}

std::string encode(const std::vector<ResultColumn>& columns) {
    WireWriter out;
    out.number(columns.size());
    for (const ResultColumn& column : columns) {
        out.text(column.name);
        out.text(column.type);
        out.number(static_cast<uint32_t>(column.precision));
        out.number(static_cast<uint32_t>(column.scale));
    }
    return out.take();
}

Result<std::vector<ResultColumn>> decode_columns(std::string_view bytes) {
    WireReader in(bytes);
    std::vector<ResultColumn> columns(in.count(32));
    for (ResultColumn& column : columns) {
        column.name = in.text();
        column.type = in.text();
        column.precision = static_cast<int32_t>(in.number());
        column.scale = static_cast<int32_t>(in.number());
    }
    if (!in.done()) return nonsense("a result's description");
    return columns;
}

std::string encode(const QueryStatistics& statistics) {
    WireWriter out;
    put(out, statistics);
    return out.take();
}

Result<QueryStatistics> decode_statistics(std::string_view bytes) {
    WireReader in(bytes);
    const QueryStatistics statistics = get_statistics(in);
    if (!in.done()) return nonsense("a query's statistics");
    return statistics;
}

std::string encode_failure(const Error& error, const QueryStatistics& statistics) {
    WireWriter out;
    out.number(static_cast<uint64_t>(error.code));
    out.text(error.message.substr(0, 8192));
    put(out, statistics);
    return out.take();
}

Result<std::pair<Error, QueryStatistics>> decode_failure(std::string_view bytes) {
    WireReader in(bytes);
    const uint64_t code = in.number();
    std::string message = in.text();
    const QueryStatistics statistics = get_statistics(in);
    if (!in.done() || code > static_cast<uint64_t>(ErrorCode::internal)) return nonsense("a query's failure");
    return std::pair{Error{static_cast<ErrorCode>(code), std::move(message)}, statistics};
}

}  // namespace millrace::query
