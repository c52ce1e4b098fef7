#include "src/journal/store.h"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>

#include "src/table/durable_directory.h"
#include "src/table/rocksdb_error.h"
#include "src/table/rocksdb_options.h"

namespace millrace::journal {
namespace {

rocksdb::Options tuned(const Options& options) {
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = rocksdb::NewLRUCache(options.cache_bytes, /*num_shard_bits=*/2);
    table.cache_index_and_filter_blocks = true;
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    rocksdb::Options rocks;
    table::set_recovery_and_info_log(&rocks);
    rocks.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    rocks.compression = rocksdb::kLZ4Compression;
    rocks.level_compaction_dynamic_level_bytes = true;
    rocks.write_buffer_size = options.write_buffer_bytes;
    rocks.target_file_size_base = 16 << 20;
    rocks.max_bytes_for_level_base = 64 << 20;
    rocks.max_open_files = 256;
    rocks.max_background_jobs = 2;
    rocks.max_file_opening_threads = 1;
    return rocks;
}

}  // namespace

Error error_of(const rocksdb::Status& status) {
    return table::error_of(status, "the journal's store");
}

Walk::Walk(rocksdb::DB& database, std::string begin, std::string end)
    : begin_(std::move(begin)), end_(std::move(end)), begin_slice_(begin_), end_slice_(end_) {
    rocksdb::ReadOptions options;
    options.iterate_lower_bound = &begin_slice_;
    options.iterate_upper_bound = &end_slice_;
    iterator_.reset(database.NewIterator(options));
}

Status Walk::status() const {
    if (iterator_->status().ok()) return {};
    return error_of(iterator_->status());
}

Result<std::unique_ptr<Journal>> Journal::open(Options options, const io::Clock& clock) {
    auto store = std::make_unique<Store>(std::move(options), clock);
    TRY(store->start());
    return std::unique_ptr<Journal>(std::move(store));
}

Status Store::start() {
    TRY(table::make_durable_directory(options_.directory));
    rocksdb::DB* opened = nullptr;
    const rocksdb::Status status = rocksdb::DB::Open(tuned(options_), options_.directory, &opened);
    database_.reset(opened);
    if (!status.ok()) return error_of(status);
    TRY(load());
    writer_ = std::thread([this] { run(); });
    return {};
}

Store::~Store() {
    {
        const std::lock_guard lock(queue_);
        stopping_ = true;
    }
    wakes_.notify_all();
    if (writer_.joinable()) writer_.join();
}

Status Store::load() {
    TRY_ASSIGN(const std::optional<std::string> counters, get(counters_key));
    if (counters) TRY(decode(*counters, counters_));
    Walk groups(*database_, "G", "H");
    for (groups->SeekToFirst(); groups->Valid(); groups->Next()) {
        Scope scope;
        std::string name;
        LiveGroup live;
        TRY(decode(groups->value().ToStringView(), live.record));
        if (!take_group_key(groups->key().ToStringView(), scope, name)) {
            return Error{ErrorCode::corruption, "a group's key in the journal is damaged"};
        }
        Walk minutes(*database_, rows_of('B', live.record.id), rows_end('B', live.record.id));
        for (minutes->SeekToFirst(); minutes->Valid(); minutes->Next()) {
            int64_t bytes = 0;
            TRY(decode_bytes(minutes->value().ToStringView(), bytes));
            live.bytes += bytes;
        }
        TRY(minutes.status());
        bytes_ += live.bytes;
        groups_.emplace(name_of(scope, name), std::move(live));
    }
    return groups.status();
}

// The caller holds changes_.
Status Store::write_batch(rocksdb::WriteBatch& batch) {
    if (failed_) {
        return Error{ErrorCode::unavailable, "the journal stopped taking writes after a failed one; restart millrace"};
    }
    rocksdb::WriteOptions options;
    options.sync = options_.sync;
    const rocksdb::Status status = database_->Write(options, &batch);
    if (status.ok()) return {};
    failed_ = true;
    return error_of(status);
}

Result<std::optional<std::string>> Store::get(std::string_view key) {
    std::string value;
    const rocksdb::Status status = database_->Get(rocksdb::ReadOptions(), slice_of(key), &value);
    if (status.IsNotFound()) return std::optional<std::string>();
    if (!status.ok()) return error_of(status);
    return std::optional(std::move(value));
}

}  // namespace millrace::journal
