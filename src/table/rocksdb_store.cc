// KeyValueStore on RocksDB.
//
// Durability. Every write goes through RocksDB's write-ahead log and, with `sync`, returns after that log's fdatasync.
// Writers that wait together form one group inside RocksDB: one of them writes and syncs for all, so N concurrent
// writers cost one sync, not N.
//
// Recovery. The log is replayed up to the first record that does not check out (a torn, never acknowledged tail), and
// RocksDB's manifest knows which logs were closed and how long they were, so that a missing or shortened older log is
// an error at open rather than silent loss.
//
// Failure. After a write that the operating system refused, what is on disk is unknown (fsyncgate: the kernel drops
// dirty pages and the next fsync lies). The store then refuses every later write until the process is restarted;
// reads go on. RocksDB's own automatic resume is off for the same reason.
//
// Memory. One memtable being filled and one being flushed (`write_buffer_bytes` each), one block cache
// (`cache_bytes`) that also holds indexes and filters, at most 256 open table files.
#include <atomic>

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/iterator.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include "src/table/durable_directory.h"
#include "src/table/key_value_store.h"
#include "src/table/rocksdb_error.h"
#include "src/table/rocksdb_options.h"

namespace millrace::table {

namespace {

constexpr int open_files_max = 256;
constexpr int background_jobs_max = 2;

rocksdb::Slice slice_of(std::string_view bytes) {
    return {bytes.data(), bytes.size()};
}

// A function of its own so that RocksStore::write is seen in the stack of what RocksDB does for it: the thread
// sanitizer's suppressions name it (tools/dev/thread_sanitizer.supp).
[[gnu::noinline]] rocksdb::Status hand_over(rocksdb::DB& database, const rocksdb::WriteOptions& options,
                                            rocksdb::WriteBatch* batch) {
    return database.Write(options, batch);
}

class RocksCursor final : public Cursor {
  public:
    explicit RocksCursor(std::unique_ptr<rocksdb::Iterator> iterator) : iterator_(std::move(iterator)) {}
    void seek(std::string_view key) override { iterator_->Seek(slice_of(key)); }
    bool valid() const override { return iterator_->Valid(); }
    void next() override { iterator_->Next(); }
    std::string_view key() const override { return iterator_->key().ToStringView(); }
    std::string_view value() const override { return iterator_->value().ToStringView(); }
    Status status() const override {
        const rocksdb::Status status = iterator_->status();
        if (status.ok()) return {};
        return error_of(status, "cannot read the catalog's store");
    }

  private:
    std::unique_ptr<rocksdb::Iterator> iterator_;
};

class RocksStore final : public KeyValueStore {
  public:
    RocksStore(std::unique_ptr<rocksdb::DB> database, bool sync) : database_(std::move(database)), sync_(sync) {}

    Result<std::optional<std::string>> get(std::string_view key) override {
        std::string value;
        const rocksdb::Status status = database_->Get(rocksdb::ReadOptions(), slice_of(key), &value);
        if (status.IsNotFound()) return std::optional<std::string>();
        if (!status.ok()) return error_of(status, "cannot read the catalog's store");
        return std::optional<std::string>(std::move(value));
    }

    Status write(const WriteBatch& batch) override {
        if (failed_.load(std::memory_order_acquire)) {
            return Error{ErrorCode::unavailable,
                         "the catalog's store stopped taking writes after a failed one; restart millrace"};
        }
        if (batch.empty()) return {};
        rocksdb::WriteBatch rocks_batch;
        for (const auto& [key, value] : batch.operations()) {
            const rocksdb::Status added =
                value ? rocks_batch.Put(slice_of(key), slice_of(*value)) : rocks_batch.Delete(slice_of(key));
            if (!added.ok()) return error_of(added, "cannot build a batch");
        }
        rocksdb::WriteOptions options;
        options.sync = sync_;
        const rocksdb::Status status = hand_over(*database_, options, &rocks_batch);
        if (status.ok()) return {};
        failed_.store(true, std::memory_order_release);
        return error_of(status, "cannot write to the catalog's store");
    }

    std::unique_ptr<Cursor> cursor() override {
        rocksdb::ReadOptions options;
        options.total_order_seek = true;
        return std::make_unique<RocksCursor>(std::unique_ptr<rocksdb::Iterator>(database_->NewIterator(options)));
    }

  private:
    const std::unique_ptr<rocksdb::DB> database_;
    const bool sync_;
    std::atomic<bool> failed_{false};
};

rocksdb::Options rocksdb_options(const StoreOptions& options) {
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = rocksdb::NewLRUCache(options.cache_bytes, /*num_shard_bits=*/2);
    table.cache_index_and_filter_blocks = true;
    table.pin_l0_filter_and_index_blocks_in_cache = true;
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));

    rocksdb::Options rocks;
    set_recovery_and_info_log(&rocks);
    rocks.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    rocks.compression = rocksdb::kLZ4Compression;
    rocks.level_compaction_dynamic_level_bytes = true;
    rocks.write_buffer_size = options.write_buffer_bytes;
    rocks.max_write_buffer_number = 2;
    rocks.target_file_size_base = 16 << 20;
    rocks.max_bytes_for_level_base = 64 << 20;
    rocks.max_open_files = open_files_max;
    rocks.max_background_jobs = background_jobs_max;
    rocks.max_file_opening_threads = 1;
    return rocks;
}

bool is_lock_failure(const rocksdb::Status& status) {
    const std::string text = status.ToString();
    return status.IsIOError() && text.find("/LOCK") != std::string::npos && text.find("lock") != std::string::npos;
}

}  // namespace

Result<std::unique_ptr<KeyValueStore>> open_rocksdb(StoreOptions options) {
    TRY(make_durable_directory(options.directory));
    rocksdb::DB* opened = nullptr;
    const rocksdb::Status status = rocksdb::DB::Open(rocksdb_options(options), options.directory, &opened);
    std::unique_ptr<rocksdb::DB> database(opened);
    if (!status.ok()) {
        if (is_lock_failure(status)) {
            return Error{ErrorCode::unavailable,
                         options.directory + " is in use by another millrace; stop it or choose another directory"};
        }
        return error_of(status, "cannot open the store in " + options.directory);
    }
    return std::unique_ptr<KeyValueStore>(std::make_unique<RocksStore>(std::move(database), options.sync));
}

}  // namespace millrace::table
