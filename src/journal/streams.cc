// Log streams.
#include "src/io/clock.h"
#include "src/journal/store.h"

namespace millrace::journal {
namespace {

constexpr size_t removed_at_once = 1000;  // events, under one hold of the lock

Error no_stream() {
    return {ErrorCode::not_found, "The specified log stream does not exist."};
}

Stream shown(std::string_view name, const StreamRecord& record) {
    return {std::string(name), record.created, record.first, record.last, record.ingested};
}

}  // namespace

Result<std::optional<StreamRecord>> Store::find_stream(uint64_t group, const std::string& stream) {
    TRY_ASSIGN(const std::optional<std::string> value, get(stream_key(group, stream)));
    if (!value) return std::optional<StreamRecord>();
    StreamRecord record;
    TRY(decode(*value, record));
    return std::optional(record);
}

Status Store::create_stream(const Scope& scope, const std::string& group, const std::string& stream) {
    const std::lock_guard lock(changes_);
    TRY_ASSIGN(const LiveGroup live, need(scope, group));
    TRY_ASSIGN(const std::optional<StreamRecord> there, find_stream(live.record.id, stream));
    if (there) return Error{ErrorCode::already_exists, "The specified log stream already exists"};
    rocksdb::WriteBatch batch;
    StreamRecord record;
    record.id = counters_.next_id++;
    record.created = clock_.now();
    batch.Put(stream_key(live.record.id, stream), encode(record));
    batch.Put(counters_key, encode(counters_));
    return write_batch(batch);
}

// Events go in pieces, the stream's entry last: after a crash it is there with fewer events, and was not answered.
Status Store::remove_stream(const Scope& scope, const std::string& group, const std::string& stream) {
    std::unique_lock lock(changes_);
    TRY_ASSIGN(const LiveGroup live, need(scope, group));
    const uint64_t id = live.record.id;
    TRY_ASSIGN(const std::optional<StreamRecord> record, find_stream(id, stream));
    if (!record || !leaving_.insert(record->id).second) return no_stream();
    const auto remove_piece = [&]() -> Result<bool> {
        rocksdb::WriteBatch batch;
        std::map<int64_t, int64_t> minutes;
        Walk walk(*database_, index_key(id, record->id, {INT64_MIN, 0}), index_key(id, record->id + 1, {INT64_MIN, 0}));
        size_t count = 0;
        for (walk->SeekToFirst(); walk->Valid() && count < removed_at_once; walk->Next(), ++count) {
            const Position position = position_in(walk->key().ToStringView());
            TRY_ASSIGN(const std::optional<StoredEvent> event, event_at(id, position));
            batch.Delete(walk->key());
            if (!event) continue;
            batch.Delete(event_key(id, position));
            minutes[minute_of(position.time_ms)] += static_cast<int64_t>(event->message.size()) + event_overhead_bytes;
        }
        TRY(walk.status());
        int64_t gone = 0;
        for (const auto& [minute, bytes] : minutes) {
            TRY_ASSIGN(const std::optional<std::string> value, get(minute_key(id, minute)));
            int64_t had = 0;
            if (value) TRY(decode_bytes(*value, had));
            gone += std::min(bytes, had);
            if (had > bytes) batch.Put(minute_key(id, minute), encode_bytes(had - bytes));
            if (had <= bytes) batch.Delete(minute_key(id, minute));
        }
        const bool last = count < removed_at_once;
        if (last) batch.Delete(stream_key(id, stream));
        TRY(write_batch(batch));
        const std::lock_guard names(names_);
        const auto found = groups_.find(name_of(scope, group));
        if (found != groups_.end() && found->second.record.id == id) {
            found->second.bytes -= gone;
            bytes_ -= gone;
        }
        return last;
    };
    while (true) {
        // The group may have gone in between, and its rows with it.
        const std::optional<LiveGroup> now = find(scope, group);
        if (!now || now->record.id != id) break;
        Result<bool> last = remove_piece();
        if (!last.ok() || *last) {
            leaving_.erase(record->id);
            if (!last.ok()) return last.error();
            return {};
        }
        lock.unlock();  // others have their turn
        lock.lock();
    }
    leaving_.erase(record->id);
    return {};
}

Result<std::vector<Stream>> Store::streams(const Scope& scope, const std::string& group, const std::string& prefix,
                                           const std::string& after, size_t count_max) {
    TRY_ASSIGN(const LiveGroup live, need(scope, group));
    std::vector<Stream> found;
    Walk walk(*database_, rows_of('S', live.record.id), rows_end('S', live.record.id));
    walk->Seek(stream_key(live.record.id, std::max(prefix, after)));
    for (; walk->Valid() && found.size() < count_max; walk->Next()) {
        const std::string_view name = stream_name_in(walk->key().ToStringView());
        if (!name.starts_with(prefix)) {
            if (name > prefix) break;
            continue;
        }
        if (!after.empty() && name <= after) continue;
        StreamRecord record;
        TRY(decode(walk->value().ToStringView(), record));
        found.push_back(shown(name, record));
    }
    TRY(walk.status());
    return found;
}

Result<Stream> Store::stream(const Scope& scope, const std::string& group, const std::string& stream) {
    TRY_ASSIGN(const LiveGroup live, need(scope, group));
    TRY_ASSIGN(const std::optional<StreamRecord> record, find_stream(live.record.id, stream));
    if (!record) return no_stream();
    return shown(stream, *record);
}

}  // namespace millrace::journal
