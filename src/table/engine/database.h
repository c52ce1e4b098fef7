// The RocksDB of the tables: opened, tuned, and its words turned into ours. See keys.h for what lies in it.
//
// Without a log of its own: commit_log.h is before it, and all families are flushed together, so that table files hold
// every commit up to one and nothing of later ones. Nothing is resumed after a failed write.
//
// Tuned for point reads in data much larger than memory: filters and partitioned indexes live in one bounded cache, so
// that a key that is not there costs no read and one that is costs one; levels grow tenfold, so that a put into 50
// million items is rewritten about as often as one into a million.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <rocksdb/db.h>

#include "src/base/result.h"
#include "src/table/engine/item_cache.h"
#include "src/table/engine/keys.h"
#include "src/table/rocksdb_error.h"
#include "src/table/tables.h"

namespace millrace::table::engine {

inline rocksdb::Slice slice_of(std::string_view bytes) {
    return {bytes.data(), bytes.size()};
}

class HistoryFilter;

class Database {
  public:
    // `clock` outlives it.
    static Result<std::unique_ptr<Database>> open(const TablesOptions& options, const io::Clock& clock);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    rocksdb::DB* operator->() const { return database_.get(); }
    rocksdb::DB* get() const { return database_.get(); }
    rocksdb::ColumnFamilyHandle* family(Family family) const { return handles_[static_cast<size_t>(family)]; }
    ItemCache& item_cache() const { return *item_cache_; }

    // As of `snapshot`; null: the newest, also what is not durable yet. `cached_only`: unavailable where the disk would
    // be touched (for families whose values are never empty). corruption, io.
    Result<std::optional<std::string>> read(Family family, std::string_view key, const rocksdb::Snapshot* snapshot,
                                            bool cached_only = false) const;
    // What is in table files.
    Result<std::optional<std::string>> read_flushed(Family family, std::string_view key) const;
    // Into memory: the batch is in the log, or on its way there. unavailable after RocksDB met a fault of the disk.
    Status write(rocksdb::WriteBatch& batch) const;
    // What is in memory goes to table files, of all families: up to one commit. Nothing else may flush (compaction.h).
    Status flush() const;
    // Over [begin, end), "" is no end. The strings must outlive the iterator. `fill_cache` false: a walk over much.
    std::unique_ptr<rocksdb::Iterator> walk(Family family, const rocksdb::Slice* begin, const rocksdb::Slice* end,
                                            const rocksdb::Snapshot* snapshot, bool fill_cache = true) const;
    // Over the history, without what lies in table files that are not `wanted`.
    std::unique_ptr<rocksdb::Iterator> walk_history(const rocksdb::Slice* begin, const rocksdb::Slice* end,
                                                    const rocksdb::Snapshot* snapshot,
                                                    std::function<bool(const rocksdb::TableProperties&)> wanted) const;

  private:
    explicit Database(size_t item_cache_bytes);
    const std::unique_ptr<ItemCache> item_cache_;
    std::unique_ptr<HistoryFilter> history_filter_;  // the database looks at it until it is closed
    std::unique_ptr<rocksdb::DB> database_;
    std::array<rocksdb::ColumnFamilyHandle*, families> handles_{};
};

// What is durable at one moment: readers hold one while they read.
class View {
  public:
    View(const Database& database, uint64_t commit, uint64_t next_sequence)
        : commit(commit), next_sequence(next_sequence), database_(database), snapshot_(database->GetSnapshot()) {}
    ~View() { database_->ReleaseSnapshot(snapshot_); }
    View(const View&) = delete;
    View& operator=(const View&) = delete;

    const rocksdb::Snapshot* snapshot() const { return snapshot_; }
    const uint64_t commit;         // the number of the newest commit in it
    const uint64_t next_sequence;  // of the first change that is not in it

  private:
    const Database& database_;
    const rocksdb::Snapshot* snapshot_;
};

}  // namespace millrace::table::engine
