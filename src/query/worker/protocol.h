// The payloads of channel.h's messages, and how a child learns its limits (its environment: it has no other).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/result.h"
#include "src/query/engine.h"
#include "src/query/worker/lockdown.h"

namespace millrace::query {

struct WorkerLimits {
    JailLimits jail;
    uint64_t memory_bytes_max = 1 << 30;  // DuckDB's own limit, below the address space's
    uint32_t threads = 1;
};
std::vector<std::string> to_environment(const WorkerLimits& limits);
Result<WorkerLimits> limits_from_environment();

struct WorkerQuery {
    std::string sql;
    std::string catalog;
    std::string database;
    std::vector<std::string> parameters;
    uint64_t scanned_bytes_max = UINT64_MAX;
};
std::string encode(const WorkerQuery& query);
Result<WorkerQuery> decode_worker_query(std::string_view bytes);

std::string encode(const std::vector<ResultColumn>& columns);
Result<std::vector<ResultColumn>> decode_columns(std::string_view bytes);

// scanned_bytes, output_rows, planning_ms and engine_ms; the rest is the engine's to know.
std::string encode(const QueryStatistics& statistics);
Result<QueryStatistics> decode_statistics(std::string_view bytes);

std::string encode_failure(const Error& error, const QueryStatistics& statistics);
Result<std::pair<Error, QueryStatistics>> decode_failure(std::string_view bytes);

}  // namespace millrace::query
