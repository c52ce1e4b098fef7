// Log groups, log streams and their events, as CloudWatch Logs keeps them: what functions write, and what
// `aws logs tail --follow` reads. (A "journal" here, because src/log is the partitioned log of records.)
//
// Kept in a RocksDB of its own, by group, stream, time and arrival. Bounded: by retention, and by journal-bytes-max in
// all, over which the oldest events go first. Any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/named.h"
#include "src/base/result.h"
#include "src/base/scope.h"

namespace millrace::journal {

struct Event {
    TimestampMs time;
    std::string message;  // at most 1 MB
};

class Journal {
  public:
    virtual ~Journal() = default;
    // For the server's own writers (functions): makes group and stream where absent, returns at once, written within
    // a second or when `flush` runs; dropped (and counted) rather than waited for when too much waits.
    virtual void write(const Scope& scope, const std::string& group, const std::string& stream, Event event) = 0;
    virtual Status flush() = 0;
    // The API's side (groups, streams, put, get, filter, retention) is the owner's to add here.
};

}  // namespace millrace::journal
