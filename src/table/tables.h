// Tables of items: conditional writes, transactions, indexes, change streams, TTL.
//
// One thread commits for everybody (committer.cc): it takes all writes that wait, carries each out against what is
// stored and what the commit has written so far, and makes items, index entries and change records durable as one
// batch with one sync. So a commit is a serial order: conditions see every earlier write, a transaction is a
// run of that order, indexes never disagree with items, and a stream holds each change once. While one commit is on its
// way to the disk the next one gathers.
//
// What a write has to look at is read by its caller's thread before it waits (and, where the cache misses, by a few
// threads kept for that: write() itself never blocks on the disk); the committer looks again only where somebody else
// wrote the same item since. So the one thread that everybody waits for does not wait for the disk's reads.
//
// Reads see what is durable, always: a consistent read costs no more than another one.
//
// Any thread, unless said. Start: open(). Stop: destruction, which finishes what waits.
//
// The implementation is in engine/, see its README.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/table/definition.h"
#include "src/table/expression/expression.h"

namespace millrace::io {
class Clock;
}

namespace millrace::table {

// An item's bytes (item_codec.h), shared with whoever still needs them.
class StoredItem {
  public:
    StoredItem() = default;
    explicit StoredItem(std::string bytes) : bytes_(std::make_shared<const std::string>(std::move(bytes))) {}
    std::string_view bytes() const { return bytes_ ? std::string_view(*bytes_) : std::string_view(); }
    Result<Item> item() const { return decode_item_of(bytes()); }

  private:
    static Result<Item> decode_item_of(std::string_view bytes);
    std::shared_ptr<const std::string> bytes_;
};

// What a span of time did to an item: as it was before it, and at its end. Absent where there was no item.
struct ChangedItem {
    std::optional<StoredItem> before, after;
    TimestampMs written;  // the last time in the span
};

struct WriteOperation {
    enum class Kind : uint8_t { put, update, erase, check };  // check: a transaction's ConditionCheck
    Kind kind = Kind::put;
    TableRef table;
    Item item;                                   // put: the whole item, with its key; else the key alone
    std::shared_ptr<const Condition> condition;  // null: none
    std::shared_ptr<const Update> update;        // of update; null: makes the item where it is absent
    bool want_old = false;                       // the item before, in the outcome (also where the condition failed)
    bool want_new = false;
    bool by_ttl = false;  // the change record names the TTL service
    // Nobody looks at the outcome's sizes: where the item before is of no other use it may stay unread ("blind", see
    // engine/README.md), and old_bytes is 0.
    bool sizes_unused = false;
};

struct WriteOutcome {
    std::optional<StoredItem> old_item;  // where wanted and there was one
    std::optional<StoredItem> new_item;
    size_t old_bytes = 0;  // counted; 0 where there was none
    size_t new_bytes = 0;
};

// What failed, and the item that made a condition fail where it was wanted. Codes: failed_precondition (the condition
// does not hold), invalid_argument (with AWS's sentence: an update that does not fit, an item over 400 KB, a key
// attribute of an index with a wrong type), not_found (no such table any more), resource_exhausted (too much waits),
// unavailable (an earlier write failed; nothing is written until a restart).
struct WriteError {
    Error error;
    std::optional<StoredItem> item;
};
using WriteResult = Result<WriteOutcome, WriteError>;

struct TransactionOutcome {
    bool committed = false;
    bool repeated = false;               // committed before, by its token: nothing was written, `outcomes` is empty
    std::vector<WriteOutcome> outcomes;  // where committed: one a write, in order
    // Where cancelled: one a write, in order; nullopt where it was not the reason.
    std::vector<std::optional<WriteError>> reasons;
};

struct QueryRequest {
    TableRef table;
    const Index* index = nullptr;  // of `table`; null: the table itself
    KeyCondition condition;
    bool forward = true;
    std::optional<Item> start_after;      // ExclusiveStartKey: the table's key, and the index's where one is read
    uint64_t evaluated_max = UINT64_MAX;  // Limit: items looked at
    size_t bytes_max = 1 << 20;           // counted, before the filter
    std::shared_ptr<const Condition> filter;
    bool fetch_from_table = false;  // an LSI's read of attributes that are not projected
    bool count_only = false;
};
struct ScanRequest {
    TableRef table;
    const Index* index = nullptr;
    uint32_t segment = 0, segments = 1;
    std::optional<Item> start_after;
    uint64_t evaluated_max = UINT64_MAX;
    size_t bytes_max = 1 << 20;
    std::shared_ptr<const Condition> filter;
    bool fetch_from_table = false;  // as a query's
    bool count_only = false;
};
// Items read from the table for what a local index does not have.
struct Fetched {
    size_t bytes = 0;     // counted
    uint64_t blocks = 0;  // of 4 KB, each item rounded up: what AWS counts for each
    Fetched& operator+=(const Fetched& more) {
        bytes += more.bytes;
        blocks += more.blocks;
        return *this;
    }
};
struct Page {
    std::vector<StoredItem> items;  // that passed the filter; none where count_only
    uint64_t matched = 0;           // Count
    uint64_t evaluated = 0;         // ScannedCount
    size_t bytes = 0;               // counted, before the filter, with what was fetched
    Fetched fetched;
    std::optional<Item> last_key;  // where there may be more
};

struct TableSize {
    uint64_t items = 0;
    uint64_t bytes = 0;  // counted
};

// --- change streams ---
using ChangeSequence = Named<uint64_t, struct ChangeSequenceTag>;  // grows with each change of the whole store

enum class ChangeKind : uint8_t { insert, modify, remove };
struct Change {
    ChangeSequence sequence;
    ChangeKind kind = ChangeKind::modify;
    TimestampMs time;
    bool by_ttl = false;
    Item keys;
    std::optional<StoredItem> old_image, new_image;  // as the view keeps them
    size_t bytes = 0;                                // counted, SizeBytes
};
// A stream has `change_shards` shards by the hash of the partition key, open as long as the stream is.
constexpr uint32_t change_shards = 1;
struct Changes {
    std::vector<Change> changes;
    ChangeSequence next;  // read from here to go on
    bool at_end = false;  // nothing beyond `next` now
};

struct TablesOptions {
    std::string directory;
    bool sync = true;                // false for --durability os
    size_t cache_bytes = 256 << 20;  // of blocks, indexes and filters; taken as the data grows
    size_t write_buffer_bytes = 64 << 20;
    uint32_t read_threads_max = 8;          // that fetch what writes have to look at where the cache misses
    uint64_t waiting_bytes_max = 64 << 20;  // of writes not yet committed; over it: resource_exhausted
    int64_t change_retention_ms = 24 * 3600 * 1000;
    int64_t history_retention_ms = int64_t{35} * 24 * 3600 * 1000;
    int64_t token_retention_ms = 10 * 60 * 1000;
    int64_t ttl_scan_ms = 10'000;  // how often expired items are looked for
    // Tables of so many bytes take a put or an erase that needs no look at the item before without one, where the cache
    // does not know it. nullopt: half of cache_bytes.
    std::optional<uint64_t> blind_from_bytes;
    int64_t recount_ms = 6 * 3600 * 1000;  // how often such tables are counted, as AWS counts its
};

class Tables {
  public:
    static Result<std::unique_ptr<Tables>> open(TablesOptions options, const io::Clock& clock);
    virtual ~Tables() = default;

    // --- definitions; each change is durable on return ---
    // Fills ids, uuid, created. already_exists.
    virtual Result<TableRef> create(TableDefinition definition) = 0;
    virtual Result<TableRef> find(const Scope& scope, std::string_view name) = 0;  // not_found; never blocks on disk
    virtual std::vector<TableRef> list(const Scope& scope, std::string_view after, size_t limit) = 0;
    virtual std::vector<TableRef> all() = 0;
    // Carries `change` out under the definitions' lock on the newest definition and keeps what it made: settings, TTL,
    // stream on or off, history on or off. New indexes (id 0) are made and back-filled in the background: creating,
    // then active; indexes that `change` takes away go in the background. A stream with id 0 is a new one (its label
    // and times are filled in where empty); the one it replaces moves to old_streams. `change` runs on the caller's
    // thread and must not call back; it may fail: its error is returned and nothing changes.
    virtual Result<TableRef> update(const Scope& scope, std::string_view name,
                                    const std::function<Status(TableDefinition*)>& change) = 0;
    // At once for its readers; the space returns in the background. Its change streams stay readable for their
    // retention: removed() lists such tables, with every stream switched off. not_found.
    virtual Status remove(const Scope& scope, std::string_view name) = 0;
    virtual std::vector<TableRef> removed() = 0;
    // Cheap. Exact, but for tables larger than `blind_from_bytes`: there near enough, and corrected now and then.
    virtual Result<TableSize> size(const TableRef& table, const Index* index) = 0;

    // --- writes: `done` runs on the committer's thread once durable: be quick, do not wait for another write there ---
    virtual void write(WriteOperation operation, std::function<void(WriteResult)> done) = 0;
    // Each by itself, in one go (BatchWriteItem).
    virtual void write_each(std::vector<WriteOperation> operations,
                            std::function<void(std::vector<WriteResult>)> done) = 0;
    // All or none. No item twice: that is the service's to refuse. `token`, where not empty (with the scope's account
    // and a digest of the request, both the service's): a repeat within 10 minutes is answered as committed without
    // writing; the same token with another digest is failed_precondition. The token is kept in the same commit.
    virtual void transact(std::vector<WriteOperation> operations, std::string token, std::string digest,
                          std::function<void(Result<TransactionOutcome>)> done) = 0;
    WriteResult write_and_wait(WriteOperation operation);
    // Loads a table's items as they are, without conditions, streams or history: restores and imports, of a table that
    // nobody else can see yet. Durable once the last call returned.
    virtual Status load(const TableRef& table, std::vector<Item> items) = 0;

    // --- reads: block on disk only where the cache misses ---
    virtual Result<std::optional<StoredItem>> get(const TableRef& table, const Item& key) = 0;
    // The same without touching the disk: false where it would have to, and *out is unchanged.
    virtual bool try_get(const TableRef& table, const Item& key, Result<std::optional<StoredItem>>* out) = 0;
    // All as of one moment (TransactGetItems).
    virtual Result<std::vector<std::optional<StoredItem>>> get_together(
        std::span<const std::pair<TableRef, Item>> keys) = 0;
    virtual Result<Page> query(const QueryRequest& request) = 0;
    virtual Result<Page> scan(const ScanRequest& request) = 0;

    // Every item as of one moment: backups, exports. `as_of`, where given: as it was then, which needs `history` at
    // that time (out_of_range elsewhere). `visit` returns false to stop.
    virtual Status for_each(const TableRef& table, std::optional<TimestampMs> as_of,
                            const std::function<bool(const StoredItem&)>& visit) = 0;

    // Every item that was written at or after `from` and before `to`, in no order of time: incremental exports. One
    // that was there neither before nor after is left out. `history` as for_each() with a time needs it, since `from`.
    virtual Status for_each_changed(const TableRef& table, TimestampMs from, TimestampMs to,
                                    const std::function<bool(const ChangedItem&)>& visit) = 0;

    // --- change streams ---
    // Records at or after `from`, oldest first; out_of_range where `from` is below what is kept.
    virtual Result<Changes> changes(uint64_t stream_id, uint32_t shard, ChangeSequence from, size_t count_max,
                                    size_t bytes_max) = 0;
    virtual ChangeSequence changes_begin(uint64_t stream_id, uint32_t shard) = 0;  // TRIM_HORIZON
    virtual ChangeSequence changes_end(uint64_t stream_id, uint32_t shard) = 0;    // LATEST
    virtual Result<ChangeSequence> changes_at(uint64_t stream_id, uint32_t shard, TimestampMs time) = 0;
    // As log::Log::subscribe: wakes after each commit that adds to the stream.
    virtual std::shared_ptr<void> subscribe(uint64_t stream_id, std::function<void()> wake) = 0;
};

}  // namespace millrace::table
