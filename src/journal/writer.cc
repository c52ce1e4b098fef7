// Events on their way to disk: one thread, one batch and one sync for all that wait.
#include <algorithm>
#include <chrono>
#include <cstdio>

#include "src/io/clock.h"
#include "src/journal/store.h"

namespace millrace::journal {
namespace {

constexpr size_t batch_bytes_max = 8 << 20;

size_t bytes_of(const std::vector<Event>& events) {
    size_t bytes = 256;
    for (const Event& event : events) bytes += event.message.size() + 64;
    return bytes;
}

}  // namespace

void Store::write(const Scope& scope, const std::string& group, const std::string& stream, Event event) {
    Waiting one{scope, group, stream, {}, 0, nullptr};
    one.events.push_back(std::move(event));
    one.bytes = bytes_of(one.events);
    const std::lock_guard lock(queue_);
    if (stopping_ || waiting_bytes_ + one.bytes > options_.waiting_bytes_max) {
        ++dropped_;
        return;
    }
    waiting_bytes_ += one.bytes;
    waiting_.push_back(std::move(one));  // the writer looks by itself, each flush_ms
}

Status Store::flush() {
    return put({}, "", "", {});
}

Status Store::put(const Scope& scope, const std::string& group, const std::string& stream, std::vector<Event> events) {
    Waiter waiter;
    Waiting one{scope, group, stream, std::move(events), 0, &waiter};
    one.bytes = bytes_of(one.events);
    std::unique_lock lock(queue_);
    if (stopping_) return Error{ErrorCode::unavailable, "stopping"};
    if (waiting_bytes_ > 0 && waiting_bytes_ + one.bytes > 4 * options_.waiting_bytes_max) {
        return Error{ErrorCode::resource_exhausted, "more log events wait for the disk than are kept waiting"};
    }
    waiting_bytes_ += one.bytes;
    waiting_.push_back(std::move(one));
    hurry_ = true;
    wakes_.notify_one();
    written_.wait(lock, [&] { return waiter.done; });
    return waiter.status;
}

void Store::run() {
    int64_t swept_ns = clock_.monotonic_ns();
    std::unique_lock lock(queue_);
    while (true) {
        wakes_.wait_for(lock, std::chrono::milliseconds(options_.flush_ms), [&] { return hurry_ || stopping_; });
        hurry_ = false;
        while (!waiting_.empty()) {
            std::deque<Waiting> taken;
            for (size_t bytes = 0; !waiting_.empty() && bytes < batch_bytes_max;) {
                bytes += waiting_.front().bytes;
                taken.push_back(std::move(waiting_.front()));
                waiting_.pop_front();
            }
            size_t bytes = 0;
            for (const Waiting& one : taken) bytes += one.bytes;
            lock.unlock();
            const Status status = commit(std::move(taken));
            if (!status.ok()) std::fprintf(stderr, "millrace: journal: %s\n", status.error().message.c_str());
            lock.lock();
            waiting_bytes_ -= bytes;
        }
        if (stopping_) return;
        const int64_t now_ns = clock_.monotonic_ns();
        const bool due = options_.sweep_ms > 0 && now_ns - swept_ns >= options_.sweep_ms * 1'000'000;
        if (due || over_bound()) {
            swept_ns = now_ns;
            lock.unlock();
            const Status status = sweep();
            if (!status.ok()) std::fprintf(stderr, "millrace: journal: %s\n", status.error().message.c_str());
            lock.lock();
        }
    }
}

// What one batch changes, before it is written.
class Store::Commit {
  public:
    explicit Commit(Store& store) : store_(store) {}

    Status add(const Waiting& one) {
        std::optional<LiveGroup> live = store_.find(one.scope, one.group);
        if (!live && !one.waiter) {
            TRY(store_.add_group(one.scope, one.group, {}));
            live = store_.find(one.scope, one.group);
        }
        if (!live) return Error{ErrorCode::not_found, "The specified log group does not exist."};
        const uint64_t group = live->record.id;
        TRY_ASSIGN(StreamRecord* const record, stream_of(group, one.stream, !one.waiter));
        const TimestampMs now = store_.clock_.now();
        for (const Event& event : one.events) {
            const Position position{event.time.value(), store_.counters_.next_arrival++};
            const auto bytes = static_cast<int64_t>(event.message.size()) + event_overhead_bytes;
            batch_.Put(event_key(group, position), encode(EventRecord{record->id, now, one.stream, event.message}));
            batch_.Put(index_key(group, record->id, position), "");
            minutes_[{group, minute_of(event.time.value())}] += bytes;
            grown_[name_of(one.scope, one.group)] += bytes;
            record->first = std::min(record->first.value_or(event.time), event.time);
            record->last = std::max(record->last.value_or(event.time), event.time);
            record->ingested = now;
        }
        return {};
    }

    Status finish() {
        if (minutes_.empty() && streams_.empty()) return {};
        for (const auto& [at, bytes] : minutes_) {
            const std::string key = minute_key(at.first, at.second);
            TRY_ASSIGN(const std::optional<std::string> value, store_.get(key));
            int64_t had = 0;
            if (value) TRY(decode_bytes(*value, had));
            batch_.Put(key, encode_bytes(had + bytes));
        }
        for (const auto& [key, record] : streams_) batch_.Put(key, encode(record));
        batch_.Put(counters_key, encode(store_.counters_));
        TRY(store_.write_batch(batch_));
        const std::lock_guard lock(store_.names_);
        for (const auto& [name, bytes] : grown_) {
            store_.groups_[name].bytes += bytes;
            store_.bytes_ += bytes;
        }
        return {};
    }

  private:
    Result<StreamRecord*> stream_of(uint64_t group, const std::string& name, bool own) {
        const std::string key = stream_key(group, name);
        const auto known = streams_.find(key);
        if (known != streams_.end()) return &known->second;
        TRY_ASSIGN(std::optional<StreamRecord> record, store_.find_stream(group, name));
        if (record && store_.leaving_.contains(record->id)) record.reset(), own = false;
        if (!record && !own) return Error{ErrorCode::not_found, "The specified log stream does not exist."};
        if (!record) {
            record.emplace();
            record->id = store_.counters_.next_id++;
            record->own = true;
            record->created = store_.clock_.now();
        }
        return &streams_.emplace(key, *record).first->second;
    }

    Store& store_;
    rocksdb::WriteBatch batch_;
    std::map<std::string, StreamRecord> streams_;
    std::map<std::pair<uint64_t, int64_t>, int64_t> minutes_;
    std::map<Name, int64_t> grown_;
};

Status Store::commit(std::deque<Waiting> taken) {
    std::vector<std::pair<Waiter*, Status>> answers;
    Status status;
    {
        const std::lock_guard lock(changes_);
        Commit changes(*this);
        for (const Waiting& one : taken) {
            Status added;
            if (!one.group.empty()) added = changes.add(one);
            if (!added.ok() && !one.waiter) ++dropped_;
            if (one.waiter) answers.emplace_back(one.waiter, std::move(added));
        }
        status = changes.finish();
    }
    {
        const std::lock_guard lock(queue_);
        for (auto& [waiter, added] : answers) {
            waiter->status = added.ok() && !status.ok() ? Status(status.error()) : std::move(added);
            waiter->done = true;
        }
    }
    written_.notify_all();
    return status;
}

}  // namespace millrace::journal
