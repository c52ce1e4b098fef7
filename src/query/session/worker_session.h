// One query in one jailed child, seen from the engine: start it, answer what it asks, take its rows, see it end.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "src/base/result.h"
#include "src/query/engine.h"
#include "src/query/worker/protocol.h"

namespace millrace::query {

class QueryTables;

// Takes a result as it comes; one thread.
class ResultSink {
  public:
    virtual ~ResultSink() = default;
    virtual Status columns(const std::vector<ResultColumn>& columns) = 0;  // once, first
    virtual Status rows(std::string_view bytes) = 0;                       // whole lines
};

// Lets another thread end a child. Any thread.
class ChildHandle {
  public:
    // From now on no child starts, and one that runs is killed.
    void cancel();
    bool cancelled() const;

  private:
    friend class WorkerSession;
    mutable std::mutex mutex_;
    pid_t child_ = -1;
    bool cancelled_ = false;
};

struct WorkerOptions {
    std::string program;
    std::vector<std::string> arguments;
    WorkerLimits limits;
    int64_t seconds_max = 1800;
};

// Blocks until the child has ended and is reaped. Statistics are filled in as far as known, whatever the outcome.
// Errors: the query's own; cancelled; deadline_exceeded; resource_exhausted where the child died without a word.
Status run_worker(const WorkerOptions& options, const WorkerQuery& query, QueryTables& tables, ResultSink& sink,
                  ChildHandle& handle, QueryStatistics* statistics);

}  // namespace millrace::query
