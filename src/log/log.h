// The partitioned log: ordered, durable shards. A record is written once here; everything else is a reader with a
// checkpoint. Appends of all shards share one physical log, so one fdatasync serves every shard that waits.
//
// A record's position is its logical byte offset in the physical log: strictly increasing in a shard (and over all
// shards), never reused, so it is what Kinesis's sequence numbers are made of and finding a record needs no index
// from numbers to places.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/named.h"
#include "src/base/result.h"

namespace millrace::io {
class Clock;
class FileSystem;
}  // namespace millrace::io

namespace millrace::log {

using ShardKey = Named<uint64_t, struct ShardKeyTag>;  // ours, unique for ever; the catalog keeps what it stands for
using Position = Named<uint64_t, struct PositionTag>;  // see above

enum class Durability : uint8_t { fsync, os };

// Records for one shard in the form that goes to disk, built in the caller's thread so that the one writer thread
// only copies. Move-only. `reserve` hands out room so that a base64 decoder writes the data in place.
class Batch {
  public:
    // `bytes_expected`: what the records will take, where the caller has an idea; saves copying while it grows.
    explicit Batch(ShardKey shard, size_t bytes_expected = 0);
    ~Batch();
    Batch(Batch&&) noexcept;
    Batch& operator=(Batch&&) noexcept;

    // Room for a record whose data is at most `data_capacity` bytes; valid until the next call on the batch.
    // Then finish() with the real size (seals checksum and length), or abandon(). Up to `data_capacity` bytes may be
    // written, more than finish() is told: a decoder's whole-vector stores are counted in by base64_decode_capacity().
    // Keys have at most 65,535 bytes, data at most 1 GiB (our bug beyond: services hold their limits first).
    char* reserve(std::string_view partition_key, size_t data_capacity);
    void finish(size_t data_size);
    void abandon();
    void add(std::string_view partition_key, std::string_view data);  // reserve + copy + finish

    ShardKey shard() const;
    size_t count() const;  // records
    size_t bytes() const;  // as stored

  private:
    friend class LogImpl;
    friend class BatchAccess;
    struct State;
    std::unique_ptr<State> state_;
};

struct Appended {
    std::vector<Position> positions;  // one a record of the batch, in order
    TimestampMs time;                 // the commit's; never less than an earlier commit's
};

// One record as read. The views are valid while the ReadResult that carries them lives.
struct RecordView {
    Position position;
    TimestampMs time;
    std::string_view partition_key;
    std::string_view data;
};

struct ReadResult {
    std::vector<RecordView>
        records;            // in order; empty at the end of the shard (or where a bounded scan found none yet)
    Position next;          // read from here to go on; moves even where `records` is empty
    int64_t behind_ms = 0;  // how old the next unread record is; 0 at the end (Kinesis's MillisBehindLatest)
    bool at_end = false;    // nothing committed for this shard beyond `next`
    std::vector<std::shared_ptr<const void>> buffers;  // own the bytes that the views point into
};

struct ReadLimits {
    size_t records_max = 10'000;
    size_t bytes_max = 10 << 20;  // data and keys; at least one record is returned however large
};

struct Options {
    std::string directory;
    Durability durability = Durability::fsync;
    uint64_t segment_bytes = 128 << 20;  // a multiple of 4096; recovery reads at most one of them
    // New segments are filled with zeroes while the one before is written: a commit into room that was only allocated
    // makes each fdatasync write the file's extents, too. Worth its writes where segments soon come back to be used
    // again, as then it is done a few times in a log's life. (The very first one is not: a start should be quick.)
    bool zeroed_segments = false;
    uint64_t tail_cache_bytes = 32 << 20;   // commits kept in memory for readers at the tail
    uint64_t pending_bytes_max = 64 << 20;  // appended and not yet written; over it appends answer resource_exhausted
};

struct RecoveryReport {
    uint64_t torn_bytes_cut = 0;           // an unacknowledged tail, removed
    std::vector<std::string> corruptions;  // below the high-water mark: reported, kept, never truncated
};

class Log {
  public:
    using AppendDone = std::function<void(Result<Appended>)>;

    // Opens or creates. Recovery reads the manifest and the active segment only. `clock` and `files` outlive the log.
    static Result<std::unique_ptr<Log>> open(Options options, io::FileSystem& files, const io::Clock& clock);
    virtual ~Log() = default;  // commits what waits, then closes

    // A new, empty shard. Durable on return.
    virtual Result<ShardKey> create_shard() = 0;
    // `count` new shards for the cost of one; keys are consecutive, the first is returned.
    virtual Result<ShardKey> create_shards(size_t count) = 0;
    // Drops a shard; its bytes go when no live shard shares their segment. Durable on return.
    // Every live shard, in no order: for whoever keeps what they stand for, to find those that nobody knows.
    virtual std::vector<ShardKey> shards() = 0;
    virtual Status drop_shard(ShardKey shard) = 0;
    virtual Status drop_shards(std::span<const ShardKey> shards) = 0;  // those already gone are passed over

    // Appends; `done` runs on the writer thread once the records are durable (it must be quick and must not call
    // append_and_wait), or with: not_found (no such shard), resource_exhausted (too much waits: back off),
    // unavailable (an earlier write or fsync failed; the log takes no more until restarted). Any thread; keeps the
    // order of one caller's calls in a shard.
    virtual void append(Batch batch, AppendDone done) = 0;
    // Several shards in one commit: either all become durable, or none is acknowledged. `done` gets one Appended a
    // batch, in order; empty batches are fine.
    virtual void append(std::vector<Batch> batches, std::function<void(Result<std::vector<Appended>>)> done) = 0;
    virtual Result<Appended> append_and_wait(Batch batch) = 0;

    // Reads records at or after `from`. out_of_range where `from` is below the trim horizon (start at horizon());
    // corruption where a record's bytes fail their checksum: the message names segment and offset, and the reader may
    // skip() it knowingly. Any thread; blocks on disk only where the tail cache misses.
    virtual Result<ReadResult> read(ShardKey shard, Position from, ReadLimits limits) = 0;
    // The first position after a record that read() reports corrupt.
    virtual Result<Position> skip_corrupt(ShardKey shard, Position from) = 0;
    // The position of the first record whose time is at or after `time`; the end where there is none.
    virtual Result<Position> find_time(ShardKey shard, TimestampMs time) = 0;
    // At or before the oldest record kept, and after everything trimmed (TRIM_HORIZON): where to read from.
    virtual Result<Position> horizon(ShardKey shard) = 0;
    // After the newest durable record, and before every later one (LATEST).
    virtual Result<Position> end(ShardKey shard) = 0;

    // Lets go of everything older than `time` in this shard. Space returns by whole segments, which are recycled.
    // Readers see the new horizon at once; after a crash the old one may be back for a while.
    virtual Status trim(ShardKey shard, TimestampMs time) = 0;
    // The same for everything before `position` (a consumer that alone reads the shard trims to its checkpoint).
    virtual Status trim_to(ShardKey shard, Position position) = 0;

    // Calls `wake` (quick, any thread; may not append_and_wait) after each commit that adds to the shard, once the
    // records can be read. Returns a token: destroy it to stop; no call runs once the destruction has returned. An
    // absent shard never wakes. Subscribe first, then read: what is committed between the two wakes.
    virtual std::shared_ptr<void> subscribe(ShardKey shard, std::function<void()> wake) = 0;

    virtual const RecoveryReport& recovery() const = 0;
};

}  // namespace millrace::log
