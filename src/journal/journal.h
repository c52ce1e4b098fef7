// Log groups, log streams and their events, as CloudWatch Logs keeps them: what functions write, and what
// `aws logs tail --follow` reads. (A "journal" here, because src/log is the partitioned log of records.)
//
// Kept in a RocksDB of its own (keys.h says what lies where). Bounded: by each group's retention, and by
// `bytes_max` in all, over which the oldest events go first, by whole minutes; both with range deletes, whose cost does
// not grow with what they delete. Any thread.
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

namespace millrace::io {
class Clock;
}

namespace millrace::journal {

struct Event {
    TimestampMs time;
    std::string message;  // at most 1 MB
};

// Where an event lies in its group: by time, then by arrival. Unique over all groups, never used again.
struct Position {
    int64_t time_ms = 0;
    uint64_t arrival = 0;
    auto operator<=>(const Position&) const = default;
};

struct StoredEvent {
    Position position;
    TimestampMs ingested;
    std::string stream;
    std::string message;
};

struct Group {
    std::string name;
    TimestampMs created;
    std::optional<int32_t> retention_days;  // none: kept until bytes_max says otherwise
    std::map<std::string, std::string> tags;
    int64_t bytes = 0;  // of its events, as AWS counts them: the message and 26 bytes
};

struct Stream {
    std::string name;
    TimestampMs created;
    std::optional<TimestampMs> first;     // time of its oldest event
    std::optional<TimestampMs> last;      // and of its newest
    std::optional<TimestampMs> ingested;  // when the last event came
};

// One stream's events. Times are inclusive below and exclusive above; `after` and `before` exclude themselves.
struct StreamRead {
    std::optional<int64_t> from_ms, to_ms;
    std::optional<Position> after, before;
    bool newest = false;  // the newest that fit, rather than the oldest; in order of time either way
    size_t count_max = 10'000;
    size_t bytes_max = 1 << 20;
};

// A group's events over its streams.
struct GroupRead {
    std::optional<int64_t> from_ms, to_ms;
    std::optional<Position> after;
    std::vector<std::string> streams;  // these alone; empty: all
    std::string stream_prefix;
    std::function<bool(std::string_view message)> matches;  // none: all
    size_t count_max = 10'000;
    size_t bytes_max = 1 << 20;
    size_t scanned_bytes_max = 32 << 20;  // looked at before it answers with what it has
    size_t scanned_max = 100'000;         // the same, in events
};
struct GroupPage {
    std::vector<StoredEvent> events;
    std::optional<Position> next;  // read on after it; none at the end
};

struct Options {
    std::string directory;
    bool sync = true;
    uint64_t bytes_max = uint64_t{1} << 30;  // of all events, as Group::bytes counts them
    size_t waiting_bytes_max = 16 << 20;     // written by `write` and not yet on disk
    int64_t flush_ms = 200;
    int64_t sweep_ms = 60'000;  // how often retention is looked at; 0: only when `sweep` is called
    size_t cache_bytes = 8 << 20;
    size_t write_buffer_bytes = 8 << 20;
};

constexpr int64_t event_overhead_bytes = 26;  // what AWS adds to each message when it counts
constexpr size_t groups_max = 100'000;        // ours: they are kept in memory
constexpr size_t tags_max = 50;

class Journal {
  public:
    // `clock` outlives it.
    static Result<std::unique_ptr<Journal>> open(Options options, const io::Clock& clock);
    virtual ~Journal() = default;

    // For the server's own writers (functions): makes group and stream where absent, returns at once, written within
    // a second or when `flush` runs; dropped (and counted) rather than waited for when too much waits. A stream made
    // so is removed once the bounds have taken its last event: nobody else would.
    virtual void write(const Scope& scope, const std::string& group, const std::string& stream, Event event) = 0;
    virtual Status flush() = 0;            // what was written before is durable; io where it is not
    virtual uint64_t dropped() const = 0;  // since the start

    // Groups. not_found, already_exists; resource_exhausted above groups_max. Durable on return.
    virtual Status create_group(const Scope& scope, const std::string& name,
                                std::map<std::string, std::string> tags) = 0;
    virtual Status remove_group(const Scope& scope, const std::string& name) = 0;
    virtual Result<Group> group(const Scope& scope, const std::string& name) = 0;
    // In order of names, after `after`, those that `wanted` (none: all) takes.
    virtual std::vector<Group> groups(const Scope& scope, const std::string& after, size_t count_max,
                                      const std::function<bool(const std::string& name)>& wanted) = 0;
    virtual Status set_retention(const Scope& scope, const std::string& name, std::optional<int32_t> days) = 0;
    // failed_precondition where there would be more than tags_max.
    virtual Status edit_tags(const Scope& scope, const std::string& name, const std::map<std::string, std::string>& add,
                             const std::vector<std::string>& remove) = 0;

    // Streams. not_found, already_exists. Removing costs as much as the stream has events.
    virtual Status create_stream(const Scope& scope, const std::string& group, const std::string& stream) = 0;
    virtual Status remove_stream(const Scope& scope, const std::string& group, const std::string& stream) = 0;
    // In order of names, after `after`.
    virtual Result<std::vector<Stream>> streams(const Scope& scope, const std::string& group, const std::string& prefix,
                                                const std::string& after, size_t count_max) = 0;
    virtual Result<Stream> stream(const Scope& scope, const std::string& group, const std::string& stream) = 0;

    // All or none, durable on return; shares its sync with whoever waits. not_found; resource_exhausted where too much
    // waits or the disk is full.
    virtual Status put(const Scope& scope, const std::string& group, const std::string& stream,
                       std::vector<Event> events) = 0;
    virtual Result<std::vector<StoredEvent>> read(const Scope& scope, const std::string& group,
                                                  const std::string& stream, const StreamRead& what) = 0;
    // invalid_argument above 100 streams; streams that are absent are passed over.
    virtual Result<GroupPage> read(const Scope& scope, const std::string& group, const GroupRead& what) = 0;

    // Takes away what retention and bytes_max say; the writer does so by itself.
    virtual Status sweep() = 0;
};

}  // namespace millrace::journal
