// Where a mapping's records come from: shards that are read in order, behind one small interface. A position is the
// source's own number (the log's, or the sequence of a change); a record's grow along its shard.
//
// One thread at a time, but for subscribe()'s wakes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/named.h"
#include "src/base/result.h"
#include "src/base/scope.h"
#include "src/flow/pattern/json_tree.h"

namespace millrace::log {
class Log;
}
namespace millrace::catalog {
class Registry;
}
namespace millrace::table {
class Tables;
}

namespace millrace::flow::mapping {

using ShardKey = Named<uint64_t, struct SourceShardTag>;
using Position = Named<uint64_t, struct SourcePositionTag>;

struct SourceShard {
    ShardKey key;
    std::string id;                    // "shardId-000000000000"
    std::vector<std::string> parents;  // ids of shards that are read before it
    bool closed = false;               // takes no more records
};

struct SourceRecord {
    Position position;
    TimestampMs time;
    uint64_t order_hash = 0;  // of what keeps its order: the partition key, an item's key. The same for ever
    uint32_t index = 0;       // in its SourceRead
};

struct SourceRead {
    std::vector<SourceRecord> records;
    Position next;                    // read from here to go on; moves even where there are no records
    bool at_end = false;              // nothing beyond `next` now
    bool lost = false;                // retention or damage has taken something before the first record
    std::shared_ptr<const void> raw;  // the source's own, what the records are views of
};

class Source {
  public:
    virtual ~Source() = default;

    // All that can still be read. not_found where the stream is gone.
    virtual Result<std::vector<SourceShard>> shards() = 0;
    virtual Result<Position> oldest(const SourceShard& shard) = 0;                // TRIM_HORIZON
    virtual Result<Position> newest(const SourceShard& shard) = 0;                // LATEST
    virtual Result<Position> at(const SourceShard& shard, TimestampMs time) = 0;  // the first record not before it
    // Goes past what retention or damage took, and says so in `lost`.
    virtual Result<SourceRead> read(const SourceShard& shard, Position from, size_t records_max) = 0;
    // Wakes after each commit that adds to the shard; see log::Log::subscribe.
    virtual std::shared_ptr<void> subscribe(const SourceShard& shard, std::function<void()> wake) = 0;

    // The role that the function runs as, which AWS names in each record.
    virtual void set_identity(std::string role_arn) = 0;
    // Appends one element of the event's "Records".
    virtual Status append_event(const SourceShard& shard, const SourceRead& read, const SourceRecord& record,
                                std::string* out) = 0;

    // What filters see of a record: its metadata, and its body under `body_name` as the JSON that it is.
    struct Filtered {
        pattern::JsonTree tree;
        bool has_body = true;  // false: the body is no JSON, or was not asked for
    };
    virtual std::string_view body_name() const = 0;  // "data", "dynamodb"
    virtual Result<Filtered> filtered(const SourceShard& shard, const SourceRead& read, const SourceRecord& record,
                                      bool want_body) = 0;

    virtual std::string sequence_text(Position position) const = 0;
    virtual std::optional<Position> parse_sequence(std::string_view text) const = 0;

    // How a discarded batch names its source: "KinesisBatchInfo", "DDBStreamBatchInfo".
    virtual std::string_view batch_info_name() const = 0;
    virtual bool times_have_milliseconds() const = 0;
    // Of the stream, also where the mapping was given one of its consumers.
    virtual const std::string& stream_arn() const = 0;
};

struct SourceParts {
    log::Log& log;
    catalog::Registry& registry;
    table::Tables* tables = nullptr;  // null: mappings of change streams are refused
};

// What an ARN names. invalid_argument where it is none; unsupported, by name, where it is a source that we do not read.
struct SourceName {
    enum class Kind : uint8_t { kinesis, changes } kind = Kind::kinesis;
    Scope scope;
    std::string name;      // of the stream or the table
    std::string consumer;  // "app:1540591608" of an enhanced fan-out consumer; else ""
    std::string label;     // of a change stream
};
Result<SourceName> parse_source_arn(std::string_view arn);

// The source need not exist: shards() says so. unsupported as above.
Result<std::unique_ptr<Source>> make_source(std::string_view arn, const SourceParts& parts);

// FNV-1a, and a last mix so that its high bits spread: lanes are taken from those, and lanes are remembered.
uint64_t order_hash(std::string_view bytes);

}  // namespace millrace::flow::mapping
