#include "src/table/engine/database.h"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/perf_level.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include "src/io/file.h"
#include "src/table/durable_directory.h"
#include "src/table/engine/floor.h"
#include "src/table/engine/history_filter.h"
#include "src/table/engine/history_times.h"
#include "src/table/rocksdb_options.h"

namespace millrace::table::engine {
namespace {

constexpr int open_files_max = 512;
constexpr int background_jobs_max = 2;
constexpr size_t item_cache_share = 8;  // an eighth of the cache's bytes
constexpr double filter_bits = 10;      // a key: one miss in a hundred costs a read
constexpr std::array<const char*, families> family_names = {"default", "items", "indexes", "changes", "history"};

// Keys that only grow, or are new each time, read in their order and dropped by age.
bool written_once(Family family) {
    return family == Family::changes || family == Family::history;
}

rocksdb::BlockBasedTableOptions table_options(Family family, const std::shared_ptr<rocksdb::Cache>& cache) {
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = cache;
    if (written_once(family)) {
        table.block_size = 64 << 10;
        table.cache_index_and_filter_blocks = true;
        return table;
    }
    table.block_size = 4 << 10;
    table.format_version = 5;
    table.cache_index_and_filter_blocks = true;
    table.cache_index_and_filter_blocks_with_high_priority = true;
    table.pin_l0_filter_and_index_blocks_in_cache = true;
    table.pin_top_level_index_and_filter = true;
    table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
    table.partition_filters = true;
    table.metadata_block_size = 4 << 10;
    table.filter_policy.reset(rocksdb::NewRibbonFilterPolicy(filter_bits, /*bloom_before_level=*/1));
    return table;
}

rocksdb::ColumnFamilyOptions family_options(Family family, const TablesOptions& options,
                                            const std::shared_ptr<rocksdb::Cache>& cache,
                                            const rocksdb::CompactionFilter* history) {
    rocksdb::ColumnFamilyOptions rocks;
    rocks.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table_options(family, cache)));
    rocks.level_compaction_dynamic_level_bytes = true;
    if (family == Family::changes) {
        // Files of changes follow each other: they move down as they are, which RocksDB does where that neither
        // compresses them nor might (level 0's are not moved at all where levels have compressions of their own).
        rocks.compression = rocksdb::kNoCompression;
        rocks.level_compaction_dynamic_level_bytes = false;  // it would put them beside the floor
    } else {
        // What is new is rewritten soon: compressing it costs more than it saves.
        rocks.compression_per_level = {rocksdb::kNoCompression, rocksdb::kNoCompression, rocksdb::kLZ4Compression};
    }
    rocks.write_buffer_size = options.write_buffer_bytes;
    rocks.max_write_buffer_number = 3;
    rocks.target_file_size_base = 64 << 20;
    // What a put costs a large table is how often its files are written again, most of all into the last level.
    rocks.max_bytes_for_level_base = 512 << 20;
    if (!written_once(family)) rocks.level0_file_num_compaction_trigger = 8;
    rocks.max_compaction_bytes = 1 << 30;
    if (family == Family::items) {
        // A put of a new key looks whether it is there: the memtable answers without a search.
        rocks.memtable_prefix_bloom_size_ratio = 0.05;
        rocks.memtable_whole_key_filtering = true;
    }
    if (family == Family::history) {
        rocks.compaction_filter = history;
        rocks.table_properties_collector_factories.push_back(history_times());
    }
    return rocks;
}

// RocksDB counts for each thread what it does, down to each comparison of keys: 5 % of a put's processor time, for
// nobody.
void count_nothing() {
    rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);
}

bool takes_direct_io(const std::string& directory) {
    io::FileSystem& files = io::posix_file_system();
    const std::string probe = directory + "/probe";
    const bool taken = files.open(probe, {.mode = io::OpenMode::create, .direct = true}).ok();
    static_cast<void>(files.remove(probe));
    return taken;
}

rocksdb::DBOptions database_options(const TablesOptions& options) {
    rocksdb::DBOptions rocks;
    set_recovery_and_info_log(&rocks);
    rocks.create_missing_column_families = true;
    rocks.atomic_flush = true;
    rocks.db_write_buffer_size = 4 * options.write_buffer_bytes;  // what a start has to replay at most
    rocks.max_open_files = open_files_max;
    rocks.max_background_jobs = background_jobs_max;
    rocks.max_file_opening_threads = 1;
    rocks.bytes_per_sync = 1 << 20;  // table files go to the disk as they are written, not in one burst at their end
    rocks.allow_concurrent_memtable_write = false;  // one writer
    // Whoever reads soon what was just written finds it in the caches of items and of blocks; a copy in the page cache
    // costs a change stream's writer a tenth of its processor time.
    rocks.use_direct_io_for_flush_and_compaction = takes_direct_io(options.directory);
    // The disk takes a write after the other: each sync of the log waits for one of these at most.
    rocks.writable_file_max_buffer_size = 256 << 10;
    return rocks;
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const TablesOptions& options, const io::Clock& clock) {
    TRY(make_durable_directory(options.directory));
    auto database = std::unique_ptr<Database>(new Database(options.cache_bytes / item_cache_share));
    database->history_filter_ = std::make_unique<HistoryFilter>(clock, options.history_retention_ms);
    const auto cache = rocksdb::NewLRUCache(options.cache_bytes - options.cache_bytes / item_cache_share,
                                            /*num_shard_bits=*/4, /*strict_capacity_limit=*/false,
                                            /*high_pri_pool_ratio=*/0.5);
    std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
    for (size_t i = 0; i < families; ++i) {
        descriptors.emplace_back(
            family_names[i], family_options(static_cast<Family>(i), options, cache, database->history_filter_.get()));
    }
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* opened = nullptr;
    const rocksdb::Status status =
        rocksdb::DB::Open(database_options(options), options.directory, descriptors, &handles, &opened);
    database->database_.reset(opened);
    std::copy(handles.begin(), handles.end(), database->handles_.begin());
    if (status.ok()) {
        TRY(lay_floor(*opened, database->family(Family::changes), options.directory));
        return database;
    }
    const std::string text = status.ToString();
    if (status.IsIOError() && text.find("/LOCK") != std::string::npos && text.find("lock") != std::string::npos) {
        return Error{ErrorCode::unavailable,
                     options.directory + " is in use by another millrace; stop it or choose another directory"};
    }
    return error_of(status, "cannot open the tables in " + options.directory);
}

Database::Database(size_t item_cache_bytes) : item_cache_(std::make_unique<ItemCache>(item_cache_bytes)) {}

Database::~Database() {
    for (rocksdb::ColumnFamilyHandle* handle : handles_) {
        if (handle != nullptr) static_cast<void>(database_->DestroyColumnFamilyHandle(handle));
    }
}

Result<std::optional<std::string>> Database::read(Family from, std::string_view key, const rocksdb::Snapshot* snapshot,
                                                  bool cached_only) const {
    count_nothing();
    rocksdb::ReadOptions options;
    options.snapshot = snapshot;
    if (cached_only) options.read_tier = rocksdb::kBlockCacheTier;
    rocksdb::PinnableSlice value;
    const rocksdb::Status status = database_->Get(options, family(from), slice_of(key), &value);
    if (status.IsNotFound()) return std::optional<std::string>();
    if (!status.ok()) return error_of(status, "cannot read a table");
    // Where the table file is not even open, RocksDB says "found" of a value that it has not read.
    if (cached_only && value.empty()) return Error{ErrorCode::unavailable, "not in the cache"};
    return std::optional<std::string>(value.ToString());
}

Result<std::optional<std::string>> Database::read_flushed(Family from, std::string_view key) const {
    rocksdb::ReadOptions options;
    options.read_tier = rocksdb::kPersistedTier;
    std::string value;
    const rocksdb::Status status = database_->Get(options, family(from), slice_of(key), &value);
    if (status.IsNotFound()) return std::optional<std::string>();
    if (!status.ok()) return error_of(status, "cannot read a table");
    return std::optional<std::string>(std::move(value));
}

Status Database::write(rocksdb::WriteBatch& batch) const {
    count_nothing();
    rocksdb::WriteOptions options;
    options.disableWAL = true;
    const rocksdb::Status status = database_->Write(options, &batch);
    if (status.ok()) return {};
    return Error{ErrorCode::unavailable, error_of(status, "cannot write to the tables").message};
}

Status Database::flush() const {
    const rocksdb::Status status = database_->Flush(rocksdb::FlushOptions(), {handles_.begin(), handles_.end()});
    if (status.ok()) return {};
    return error_of(status, "cannot write a table's file");
}

std::unique_ptr<rocksdb::Iterator> Database::walk(Family over, const rocksdb::Slice* begin, const rocksdb::Slice* end,
                                                  const rocksdb::Snapshot* snapshot, bool fill_cache) const {
    count_nothing();
    rocksdb::ReadOptions options;
    options.snapshot = snapshot;
    options.fill_cache = fill_cache;
    options.iterate_lower_bound = begin;
    if (end != nullptr && !end->empty()) options.iterate_upper_bound = end;
    return std::unique_ptr<rocksdb::Iterator>(database_->NewIterator(options, family(over)));
}

std::unique_ptr<rocksdb::Iterator> Database::walk_history(
    const rocksdb::Slice* begin, const rocksdb::Slice* end, const rocksdb::Snapshot* snapshot,
    std::function<bool(const rocksdb::TableProperties&)> wanted) const {
    count_nothing();
    rocksdb::ReadOptions options;
    options.snapshot = snapshot;
    options.fill_cache = false;
    options.iterate_lower_bound = begin;
    if (!end->empty()) options.iterate_upper_bound = end;
    options.table_filter = std::move(wanted);
    return std::unique_ptr<rocksdb::Iterator>(database_->NewIterator(options, family(Family::history)));
}

}  // namespace millrace::table::engine
