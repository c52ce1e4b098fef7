#include "src/table/engine/tables_impl.h"

#include <future>
#include <random>

#include "src/io/clock.h"
#include "src/table/engine/change_reads.h"
#include "src/table/engine/history_filter.h"
#include "src/table/engine/history_reads.h"
#include "src/table/engine/older_tables.h"
#include "src/table/engine/prepare.h"
#include "src/table/engine/reads.h"
#include "src/table/engine/recovery.h"
#include "src/table/value/item_codec.h"

namespace millrace::table {

Result<Item> StoredItem::decode_item_of(std::string_view bytes) {
    return decode_item(bytes);
}

WriteResult Tables::write_and_wait(WriteOperation operation) {
    std::promise<WriteResult> promise;
    write(std::move(operation), [&](WriteResult result) { promise.set_value(std::move(result)); });
    return promise.get_future().get();
}

Result<std::unique_ptr<Tables>> Tables::open(TablesOptions options, const io::Clock& clock) {
    TRY_ASSIGN(auto tables, engine::TablesImpl::open(std::move(options), clock));
    return std::unique_ptr<Tables>(std::move(tables));
}

}  // namespace millrace::table

namespace millrace::table::engine {
namespace {

constexpr size_t load_chunk = 1000;                // items a commit
constexpr uint32_t readers_waiting_max = 100'000;  // bounded by bytes before

Error no_history() {
    return {ErrorCode::out_of_range, "the table's history does not reach this time"};
}

}  // namespace

Result<std::unique_ptr<TablesImpl>> TablesImpl::open(TablesOptions options, const io::Clock& clock, TestHooks hooks) {
    auto tables = std::unique_ptr<TablesImpl>(new TablesImpl(std::move(options), clock));
    io::FileSystem& files = hooks.log_files != nullptr ? *hooks.log_files : io::posix_file_system();
    TRY_ASSIGN(tables->database_, Database::open(tables->options_, clock));
    TRY_ASSIGN(tables->log_, CommitLog::open(tables->options_, files, clock));
    TRY(replay(*tables->database_, *tables->log_));
    TRY_ASSIGN(Recovered recovered, recover(*tables->database_));
    tables->definitions_ = std::make_unique<Definitions>(recovered, clock);
    tables->committer_ = std::make_unique<Committer>(*tables->database_, *tables->log_, std::move(recovered.state),
                                                     clock, tables->subscriptions_, tables->options_);
    tables->definitions_->start(tables->committer_.get());
    tables->readers_ = io::make_executor(
        {.name = "table-read", .threads_max = tables->options_.read_threads_max, .queue_max = readers_waiting_max});
    tables->background_ = std::make_unique<Background>(*tables->database_, *tables->committer_, *tables->definitions_,
                                                       clock, tables->options_);
    if (hooks.background) tables->background_->start();
    return tables;
}

TablesImpl::~TablesImpl() {
    background_.reset();
    {
        std::unique_lock lock(mutex_);
        none_reading_.wait(lock, [&] { return reading_ == 0; });
    }
    readers_.reset();
    const bool whole = committer_ && !committer_->failed();
    committer_.reset();
    if (whole) note_end(*database_);
}

Result<TableRef> TablesImpl::create(TableDefinition definition) {
    return definitions_->create(std::move(definition));
}

Result<TableRef> TablesImpl::find(const Scope& scope, std::string_view name) {
    return definitions_->find(scope, name);
}

std::vector<TableRef> TablesImpl::list(const Scope& scope, std::string_view after, size_t limit) {
    return definitions_->list(scope, after, limit);
}

std::vector<TableRef> TablesImpl::all() {
    return definitions_->all();
}

Result<TableRef> TablesImpl::update(const Scope& scope, std::string_view name,
                                    const std::function<Status(TableDefinition*)>& change) {
    auto updated = definitions_->update(scope, name, change);
    background_->wake();
    return updated;
}

Status TablesImpl::remove(const Scope& scope, std::string_view name) {
    const Status removed = definitions_->remove(scope, name);
    background_->wake();
    return removed;
}

std::vector<TableRef> TablesImpl::removed() {
    std::vector<TableRef> tables;
    for (const RemovedTable& table : definitions_->removed()) tables.push_back(table.definition);
    return tables;
}

Result<TableSize> TablesImpl::size(const TableRef& table, const Index* index) {
    return definitions_->size(*table, index);
}

// False: it has to look.
bool TablesImpl::goes_blind(const View& view, Largeness* last, PreparedWrite* write) const {
    const TableDefinition& table = *write->operation.table;
    if (write->refused || write->weight != 1 || !may_be_blind(table, *write)) return false;
    if (last->table != &table) {
        const auto size = definitions_->counter(table);
        *last = {&table, size && size->bytes.load(std::memory_order_relaxed) >= blind_from_bytes_};
    }
    if (!last->large) return false;
    std::optional<StoredItem> known;
    if (database_->item_cache().find(write->key, write->key_hash, view.commit, &known)) return false;
    thread_local std::minstd_rand random;
    write->weight = random() % blind_sample == 0 ? blind_sample : 0;
    return write->blind();
}

// Looks at what is stored and hands over to the committer; where the cache misses, on a thread that may wait.
void TablesImpl::submit(Waiting waiting) {
    const auto view = committer_->view();
    size_t next = 0;
    Largeness last;
    for (; next < waiting.writes.size(); ++next) {
        PreparedWrite& write = waiting.writes[next];
        if (!goes_blind(*view, &last, &write) && !look_up(*database_, *view, /*cached_only=*/true, &write)) break;
        waiting.bytes += waiting.writes[next].bytes;
    }
    if (next == waiting.writes.size()) return committer_->submit(std::move(waiting));
    {
        const std::lock_guard lock(mutex_);
        ++reading_;
    }
    auto shared = std::make_shared<Waiting>(std::move(waiting));
    const auto finish = [this] {
        const std::lock_guard lock(mutex_);
        if (--reading_ == 0) none_reading_.notify_all();
    };
    const bool taken = readers_->submit([this, shared, next, finish] {
        const auto now = committer_->view();
        Largeness of_now;
        for (size_t i = next; i < shared->writes.size(); ++i) {
            PreparedWrite& write = shared->writes[i];
            if (!goes_blind(*now, &of_now, &write)) look_up(*database_, *now, /*cached_only=*/false, &write);
            shared->bytes += shared->writes[i].bytes;
        }
        committer_->submit(std::move(*shared));
        finish();
    });
    if (taken) return;
    shared->fail(Error{ErrorCode::resource_exhausted, "too many writes wait for the disk; try again"});
    finish();
}

void TablesImpl::write(WriteOperation operation, std::function<void(WriteResult)> done) {
    Waiting waiting;
    waiting.writes.push_back(prepare(std::move(operation)));
    waiting.done_one = std::move(done);
    submit(std::move(waiting));
}

void TablesImpl::write_each(std::vector<WriteOperation> operations,
                            std::function<void(std::vector<WriteResult>)> done) {
    Waiting waiting;
    waiting.writes.reserve(operations.size());
    for (WriteOperation& operation : operations) waiting.writes.push_back(prepare(std::move(operation)));
    waiting.done_each = std::move(done);
    submit(std::move(waiting));
}

void TablesImpl::transact(std::vector<WriteOperation> operations, std::string token, std::string digest,
                          std::function<void(Result<TransactionOutcome>)> done) {
    Waiting waiting;
    waiting.writes.reserve(operations.size());
    for (WriteOperation& operation : operations) waiting.writes.push_back(prepare(std::move(operation)));
    waiting.token = std::move(token);
    waiting.digest = std::move(digest);
    waiting.done_transaction = std::move(done);
    submit(std::move(waiting));
}

Status TablesImpl::load(const TableRef& table, std::vector<Item> items) {
    const auto view = committer_->view();
    for (size_t begin = 0; begin < items.size(); begin += load_chunk) {
        Waiting waiting;
        for (size_t i = begin; i < std::min(items.size(), begin + load_chunk); ++i) {
            PreparedWrite write = prepare({.table = table, .item = std::move(items[i])});
            write.plain = true;
            if (write.refused) return write.refused->error;
            look_up(*database_, *view, /*cached_only=*/false, &write);
            waiting.bytes += write.bytes;
            waiting.writes.push_back(std::move(write));
        }
        std::promise<Status> promise;
        waiting.done_each = [&](std::vector<WriteResult> results) {
            for (WriteResult& result : results) {
                if (!result) return promise.set_value(std::move(result).error().error);
            }
            promise.set_value({});
        };
        committer_->submit(std::move(waiting));
        TRY(promise.get_future().get());
    }
    return {};
}

Result<std::optional<StoredItem>> TablesImpl::get(const TableRef& table, const Item& key) {
    TRY_ASSIGN(const std::string stored_key, item_key(table->data_id, table->key, key));
    return read_item(*database_, *committer_->view(), stored_key, /*cached_only=*/false);
}

bool TablesImpl::try_get(const TableRef& table, const Item& key, Result<std::optional<StoredItem>>* out) {
    auto stored_key = item_key(table->data_id, table->key, key);
    if (!stored_key) {
        *out = std::move(stored_key).error();
        return true;
    }
    auto item = read_item(*database_, *committer_->view(), *stored_key, /*cached_only=*/true);
    if (!item && item.error().code == ErrorCode::unavailable) return false;
    *out = std::move(item);
    return true;
}

Result<std::vector<std::optional<StoredItem>>> TablesImpl::get_together(
    std::span<const std::pair<TableRef, Item>> keys) {
    const auto view = committer_->view();
    std::vector<std::optional<StoredItem>> items;
    for (const auto& [table, key] : keys) {
        TRY_ASSIGN(const std::string stored_key, item_key(table->data_id, table->key, key));
        TRY_ASSIGN(items.emplace_back(), read_item(*database_, *view, stored_key, /*cached_only=*/false));
    }
    return items;
}

Result<Page> TablesImpl::query(const QueryRequest& request) {
    return read_query(*database_, *committer_->view(), request);
}

Result<Page> TablesImpl::scan(const ScanRequest& request) {
    return read_scan(*database_, *committer_->view(), request);
}

Status TablesImpl::for_each(const TableRef& table, std::optional<TimestampMs> as_of,
                            const std::function<bool(const StoredItem&)>& visit) {
    if (!as_of) return read_all(*database_, *committer_->view(), *table, visit);
    TRY(check_history(table, *as_of, *as_of));
    TRY_ASSIGN(const auto view, settled_view());
    TRY(read_all_as_of(*database_, *view, *table, *as_of, visit));
    return check_kept(*as_of);
}

Status TablesImpl::for_each_changed(const TableRef& table, TimestampMs from, TimestampMs to,
                                    const std::function<bool(const ChangedItem&)>& visit) {
    TRY(check_history(table, from, to));
    TRY_ASSIGN(const auto view, settled_view());
    TRY(read_changed(*database_, *view, *table, from, to, visit));
    return check_kept(from);
}

Result<std::shared_ptr<const View>> TablesImpl::settled_view() {
    if (!committer_->failed()) TRY(committer_->maintain([](Commit&) { return Status(); }));
    return committer_->view();
}

Status TablesImpl::check_history(const TableRef& table, TimestampMs from, TimestampMs to) {
    TRY_ASSIGN(const TableRef now, definitions_->find(table->scope, table->name));
    if (!now->history || now->id != table->id || from < now->history_since || to > clock_.now()) return no_history();
    return check_kept(from);
}

Status TablesImpl::check_kept(TimestampMs from) {
    if (from.value() < clock_.now().value() - options_.history_retention_ms - history_slack_ms) return no_history();
    return {};
}

Result<Changes> TablesImpl::changes(uint64_t stream_id, uint32_t, ChangeSequence from, size_t count_max,
                                    size_t bytes_max) {
    return read_changes(*database_, *committer_->view(), stream_id, from.value(), count_max, bytes_max);
}

ChangeSequence TablesImpl::changes_begin(uint64_t stream_id, uint32_t) {
    const auto view = committer_->view();
    const auto first = first_kept(*database_, *view, stream_id);
    return ChangeSequence(first ? *first : view->next_sequence);
}

ChangeSequence TablesImpl::changes_end(uint64_t, uint32_t) {
    return ChangeSequence(committer_->view()->next_sequence);
}

Result<ChangeSequence> TablesImpl::changes_at(uint64_t stream_id, uint32_t, TimestampMs time) {
    TRY_ASSIGN(const uint64_t sequence, find_change(*database_, *committer_->view(), stream_id, time));
    return ChangeSequence(sequence);
}

std::shared_ptr<void> TablesImpl::subscribe(uint64_t stream_id, std::function<void()> wake) {
    return subscriptions_.add(stream_id, std::move(wake));
}

}  // namespace millrace::table::engine
