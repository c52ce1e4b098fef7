// Tables, put together: see tables.h for the contract and README.md for the picture.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "src/io/executor.h"
#include "src/io/file.h"
#include "src/table/engine/background.h"
#include "src/table/engine/commit_log.h"
#include "src/table/engine/committer.h"
#include "src/table/engine/definitions.h"
#include "src/table/tables.h"

namespace millrace::table::engine {

struct TestHooks {
    io::FileSystem* log_files = nullptr;  // for faults; what the log is kept in
    bool background = true;               // false: Background::run_once() is called by the test
};

class TablesImpl final : public Tables {
  public:
    static Result<std::unique_ptr<TablesImpl>> open(TablesOptions options, const io::Clock& clock,
                                                    TestHooks hooks = {});
    ~TablesImpl() override;

    Result<TableRef> create(TableDefinition definition) override;
    Result<TableRef> find(const Scope& scope, std::string_view name) override;
    std::vector<TableRef> list(const Scope& scope, std::string_view after, size_t limit) override;
    std::vector<TableRef> all() override;
    Result<TableRef> update(const Scope& scope, std::string_view name,
                            const std::function<Status(TableDefinition*)>& change) override;
    Status remove(const Scope& scope, std::string_view name) override;
    std::vector<TableRef> removed() override;
    Result<TableSize> size(const TableRef& table, const Index* index) override;

    void write(WriteOperation operation, std::function<void(WriteResult)> done) override;
    void write_each(std::vector<WriteOperation> operations,
                    std::function<void(std::vector<WriteResult>)> done) override;
    void transact(std::vector<WriteOperation> operations, std::string token, std::string digest,
                  std::function<void(Result<TransactionOutcome>)> done) override;
    Status load(const TableRef& table, std::vector<Item> items) override;

    Result<std::optional<StoredItem>> get(const TableRef& table, const Item& key) override;
    bool try_get(const TableRef& table, const Item& key, Result<std::optional<StoredItem>>* out) override;
    Result<std::vector<std::optional<StoredItem>>> get_together(
        std::span<const std::pair<TableRef, Item>> keys) override;
    Result<Page> query(const QueryRequest& request) override;
    Result<Page> scan(const ScanRequest& request) override;
    Status for_each(const TableRef& table, std::optional<TimestampMs> as_of,
                    const std::function<bool(const StoredItem&)>& visit) override;
    Status for_each_changed(const TableRef& table, TimestampMs from, TimestampMs to,
                            const std::function<bool(const ChangedItem&)>& visit) override;

    Result<Changes> changes(uint64_t stream_id, uint32_t shard, ChangeSequence from, size_t count_max,
                            size_t bytes_max) override;
    ChangeSequence changes_begin(uint64_t stream_id, uint32_t shard) override;
    ChangeSequence changes_end(uint64_t stream_id, uint32_t shard) override;
    Result<ChangeSequence> changes_at(uint64_t stream_id, uint32_t shard, TimestampMs time) override;
    std::shared_ptr<void> subscribe(uint64_t stream_id, std::function<void()> wake) override;

    Background& background() { return *background_; }
    Database& database() { return *database_; }

  private:
    // out_of_range where the table's history does not hold every moment from `from` to `to`.
    Status check_history(const TableRef& table, TimestampMs from, TimestampMs to);
    // Its second half, for after reading: what is over its retention goes while it is read.
    Status check_kept(TimestampMs from);
    // A view that has every commit that began before the call: whoever reads up to now misses none that is on its way.
    Result<std::shared_ptr<const View>> settled_view();

    TablesImpl(TablesOptions options, const io::Clock& clock)
        : options_(std::move(options)),
          blind_from_bytes_(options_.blind_from_bytes.value_or(options_.cache_bytes / 2)),
          clock_(clock) {}
    void submit(Waiting waiting);
    // Whether a table is larger than what blind writes begin at: asked once for the writes of a call into one table.
    struct Largeness {
        const TableDefinition* table = nullptr;
        bool large = false;
    };
    bool goes_blind(const View& view, Largeness* last, PreparedWrite* write) const;

    const TablesOptions options_;
    const uint64_t blind_from_bytes_;
    const io::Clock& clock_;
    std::unique_ptr<Database> database_;
    std::unique_ptr<CommitLog> log_;
    Subscriptions subscriptions_;
    std::unique_ptr<Definitions> definitions_;
    std::unique_ptr<Committer> committer_;
    std::unique_ptr<io::Executor> readers_;  // for writes whose items are not in the cache
    std::mutex mutex_;
    std::condition_variable none_reading_;
    uint64_t reading_ = 0;  // writes that wait for the disk
    std::unique_ptr<Background> background_;
};

}  // namespace millrace::table::engine
