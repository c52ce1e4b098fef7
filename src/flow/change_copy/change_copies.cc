// The copies there are, and the thread that steps them.
#include "src/flow/change_copy/change_copies.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include <boost/json.hpp>

#include "src/catalog/registry.h"
#include "src/catalog/streams.h"
#include "src/flow/change_copy/change_copier.h"
#include "src/io/clock.h"

namespace millrace::flow {
namespace {

namespace json = boost::json;

constexpr std::string_view copy_kind = "flow.change_copy";
constexpr std::string_view id_counter = "flow.change_copy";
constexpr int64_t retry_ms_first = 250;
constexpr int64_t retry_ms_max = 30'000;
constexpr int64_t sleep_ns_max = 1'000'000'000;  // also where nothing is due

std::string key_of(const ChangeCopy& copy) {
    return copy.table + "/" + copy.stream_arn;
}

std::string encode(const ChangeCopy& copy) {
    return json::serialize(json::object{{"format", 1},
                                        {"table", copy.table},
                                        {"table_id", copy.table_id},
                                        {"id", copy.id},
                                        {"stream_arn", copy.stream_arn},
                                        {"active", copy.active},
                                        {"microseconds", copy.microseconds},
                                        {"source", copy.source}});
}

Result<ChangeCopy> decode(const Scope& scope, std::string_view text) {
    try {
        const json::object object = json::parse(text).as_object();
        ChangeCopy copy;
        copy.scope = scope;
        copy.table = json::value_to<std::string>(object.at("table"));
        copy.table_id = object.at("table_id").to_number<uint64_t>();
        copy.id = object.at("id").to_number<uint64_t>();
        copy.stream_arn = json::value_to<std::string>(object.at("stream_arn"));
        copy.active = object.at("active").as_bool();
        copy.microseconds = object.at("microseconds").as_bool();
        copy.source = object.at("source").to_number<uint64_t>();
        return copy;
    } catch (const std::exception& error) {
        return {ErrorCode::corruption, std::string("the definition of a change copy is damaged: ") + error.what()};
    }
}

// A copy that is on: its reader, and when it is due.
struct Running {
    std::unique_ptr<ChangeCopier> copier;
    std::shared_ptr<void> subscription;
    int64_t due_ns = 0;
    int64_t retry_ms = 0;
    bool stepping = false;
};

class StoredChangeCopies final : public ChangeCopies {
  public:
    explicit StoredChangeCopies(ChangeCopyParts parts) : parts_(parts) {}

    ~StoredChangeCopies() override {
        std::map<uint64_t, Running> running;
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        news_.notify_all();
        if (thread_.joinable()) thread_.join();
        running.swap(running_);  // subscriptions end without the mutex that their wakes take
    }

    Status start() {
        Status failed;
        TRY(parts_.registry.for_each(copy_kind, [&](const Scope& scope, const catalog::Entry& entry) {
            auto copy = decode(scope, entry.value);
            if (!copy.ok()) {
                failed = copy.error();
            } else {
                copies_[{scope, entry.name}] = *std::move(copy);
            }
        }));
        TRY(failed);
        TRY(finish_what_was_interrupted());
        for (const auto& [key, copy] : copies_) {
            if (copy.active) run(copy);
        }
        thread_ = std::thread([this] { work(); });
        return {};
    }

    Result<ChangeCopy> enable(const table::TableRef& table, const std::string& stream_arn, bool microseconds) override {
        const std::lock_guard edit(edit_mutex_);
        TRY_ASSIGN(const std::string name, kinesis_stream_name(table->scope, stream_arn));
        TRY_ASSIGN(const catalog::Stream stream, catalog::find_stream(parts_.registry, table->scope, name));
        if (stream.deleting) return {ErrorCode::not_found, "the stream " + name + " is being deleted"};
        for (const ChangeCopy& other : list(*table)) {
            if (other.active) return {ErrorCode::failed_precondition, "the table is copied to " + other.stream_arn};
        }
        ChangeCopy copy{.scope = table->scope, .table = table->name, .table_id = table->id, .stream_arn = stream_arn};
        copy.active = true;
        copy.microseconds = microseconds;
        TRY_ASSIGN(copy.id, parts_.registry.next_number(id_counter));
        // The source first: a crash after it leaves a source that nobody reads, which the next start takes away.
        TRY_ASSIGN(const table::TableRef changed,
                   parts_.tables.update(table->scope, table->name, [](table::TableDefinition* definition) -> Status {
                       definition->copied_stream = table::ChangeStream{};
                       return {};
                   }));
        copy.source = changed->copied_stream->id;
        TRY(ChangeCopier::save_position(parts_.registry, copy, parts_.tables.changes_begin(copy.source, 0)));
        TRY(keep(copy));
        run(copy);
        return copy;
    }

    Result<ChangeCopy> disable(const table::TableRef& table, const std::string& stream_arn) override {
        const std::lock_guard edit(edit_mutex_);
        TRY_ASSIGN(ChangeCopy copy, active(*table, stream_arn));
        copy.active = false;
        TRY(keep(copy));
        end(copy.id);
        TRY(drop_source(copy));
        return copy;
    }

    Result<ChangeCopy> set_precision(const table::TableRef& table, const std::string& stream_arn,
                                     bool microseconds) override {
        const std::lock_guard edit(edit_mutex_);
        TRY_ASSIGN(ChangeCopy copy, active(*table, stream_arn));
        copy.microseconds = microseconds;
        TRY(keep(copy));
        end(copy.id);
        run(copy);
        return copy;
    }

    std::vector<ChangeCopy> list(const table::TableDefinition& table) override {
        const std::lock_guard lock(mutex_);
        std::vector<ChangeCopy> found;
        for (const auto& [key, copy] : copies_) {
            if (copy.scope == table.scope && copy.table_id == table.id) found.push_back(copy);
        }
        return found;
    }

    Status forget(const table::TableDefinition& table) override {
        const std::lock_guard edit(edit_mutex_);
        for (const ChangeCopy& copy : list(table)) TRY(erase(copy));
        return {};
    }

  private:
    using Key = std::pair<Scope, std::string>;

    // A crash may have come between the registry's write and the table's.
    Status finish_what_was_interrupted() {
        std::vector<ChangeCopy> gone;
        std::map<uint64_t, bool> used;
        for (const auto& [key, copy] : copies_) {
            auto table = parts_.tables.find(copy.scope, copy.table);
            if (!table.ok() || (*table)->id != copy.table_id) {
                gone.push_back(copy);
            } else if (copy.active) {
                used[copy.source] = true;
            }
        }
        for (const ChangeCopy& copy : gone) TRY(erase(copy));
        for (const table::TableRef& table : parts_.tables.all()) {
            if (!table->copied_stream || used.contains(table->copied_stream->id)) continue;
            TRY(take_source_away(table->scope, table->name, table->copied_stream->id));
        }
        return {};
    }

    Status take_source_away(const Scope& scope, const std::string& table, uint64_t source) {
        auto changed = parts_.tables.update(scope, table, [source](table::TableDefinition* definition) -> Status {
            if (definition->copied_stream && definition->copied_stream->id == source) definition->copied_stream.reset();
            return {};
        });
        if (!changed.ok() && changed.error().code != ErrorCode::not_found) return changed.error();
        return {};
    }
    Status drop_source(const ChangeCopy& copy) { return take_source_away(copy.scope, copy.table, copy.source); }

    Result<ChangeCopy> active(const table::TableDefinition& table, const std::string& stream_arn) {
        for (const ChangeCopy& copy : list(table)) {
            if (copy.active && copy.stream_arn == stream_arn) return copy;
        }
        return {ErrorCode::not_found, "the table is not copied to " + stream_arn};
    }

    Status keep(const ChangeCopy& copy) {
        TRY(parts_.registry.put(copy_kind, copy.scope, key_of(copy), encode(copy)));
        const std::lock_guard lock(mutex_);
        copies_[{copy.scope, key_of(copy)}] = copy;
        return {};
    }

    Status erase(const ChangeCopy& copy) {
        end(copy.id);
        TRY(parts_.registry.remove(copy_kind, copy.scope, key_of(copy)));
        // Fine where there is none: it is written after its copy's source and before its definition.
        static_cast<void>(parts_.registry.remove(change_copy_position_kind, copy.scope, std::to_string(copy.id)));
        const std::lock_guard lock(mutex_);
        copies_.erase({copy.scope, key_of(copy)});
        return {};
    }

    void run(const ChangeCopy& copy) {
        Running running;
        running.copier = std::make_unique<ChangeCopier>(parts_, copy);
        const uint64_t id = copy.id;
        {
            const std::lock_guard lock(mutex_);
            running_[id] = std::move(running);
        }
        // Not under the mutex, which the wake takes.
        auto subscription = parts_.tables.subscribe(copy.source, [this, id] { wake(id); });
        {
            const std::lock_guard lock(mutex_);
            if (const auto found = running_.find(id); found != running_.end()) {
                found->second.subscription = std::move(subscription);
            }
        }
        news_.notify_all();
    }

    void wake(uint64_t id) {
        {
            const std::lock_guard lock(mutex_);
            const auto found = running_.find(id);
            if (found == running_.end() || found->second.retry_ms > 0) return;
            found->second.due_ns = 0;
        }
        news_.notify_all();
    }

    // Never stepped again once this returns.
    void end(uint64_t id) {
        Running ended;
        std::unique_lock lock(mutex_);
        stepped_.wait(lock, [&] { return !running_.contains(id) || !running_[id].stepping; });
        if (const auto found = running_.find(id); found != running_.end()) {
            ended = std::move(found->second);
            running_.erase(found);
        }
        lock.unlock();
    }

    void work() {
        std::unique_lock lock(mutex_);
        while (!stopping_) {
            const auto next = std::min_element(running_.begin(), running_.end(), [](const auto& a, const auto& b) {
                return a.second.due_ns < b.second.due_ns;
            });
            const int64_t now = parts_.clock.monotonic_ns();
            if (next == running_.end()) {
                news_.wait(lock);
                continue;
            }
            if (next->second.due_ns > now) {
                news_.wait_for(lock, std::chrono::nanoseconds(std::min(next->second.due_ns - now, sleep_ns_max)));
                continue;
            }
            step(next->first, next->second, lock);
        }
    }

    void step(uint64_t id, Running& running, std::unique_lock<std::mutex>& lock) {
        running.stepping = true;
        running.due_ns = INT64_MAX;  // a wake from here on makes it due again
        lock.unlock();
        const Result<bool> more = running.copier->step();
        lock.lock();
        running.stepping = false;
        running.retry_ms = more.ok() ? 0 : std::clamp(running.retry_ms * 2, retry_ms_first, retry_ms_max);
        if (more.ok() && *more) running.due_ns = 0;
        if (!more.ok()) running.due_ns = parts_.clock.monotonic_ns() + running.retry_ms * 1'000'000;
        for (auto& [key, copy] : copies_) {
            if (copy.id == id) copy.last_error = more.ok() ? "" : more.error().message;
        }
        stepped_.notify_all();
    }

    const ChangeCopyParts parts_;
    std::mutex edit_mutex_;  // one change of definitions at a time; outside mutex_
    std::mutex mutex_;
    std::condition_variable news_;     // something may be due, or stopping
    std::condition_variable stepped_;  // a step has ended
    bool stopping_ = false;
    std::map<Key, ChangeCopy> copies_;
    std::map<uint64_t, Running> running_;
    std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<ChangeCopies>> ChangeCopies::open(ChangeCopyParts parts) {
    auto copies = std::make_unique<StoredChangeCopies>(parts);
    TRY(copies->start());
    return std::unique_ptr<ChangeCopies>(std::move(copies));
}

}  // namespace millrace::flow
