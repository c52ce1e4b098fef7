// What retention and the bound on all take away, by whole minutes, oldest first.
#include "src/io/clock.h"
#include "src/journal/store.h"

namespace millrace::journal {
namespace {

constexpr int64_t day_ms = 86'400'000;

}  // namespace

bool Store::over_bound() const {
    const std::lock_guard lock(names_);
    return bytes_ > static_cast<int64_t>(options_.bytes_max);
}

Status Store::sweep() {
    const std::lock_guard lock(changes_);
    return sweep_locked();
}

Status Store::sweep_locked() {
    std::vector<std::pair<Name, LiveGroup>> all;
    {
        const std::lock_guard lock(names_);
        for (const auto& entry : groups_) {
            if (entry.second.bytes > 0) all.emplace_back(entry);
        }
    }
    for (const auto& [name, live] : all) {
        if (!live.record.retention_days) continue;
        const int64_t cutoff = clock_.now().value() - *live.record.retention_days * day_ms;
        TRY(take_away(name, live.record.id, minute_of(cutoff)));
    }
    // The oldest minute of all groups, until all fits.
    while (over_bound()) {
        const std::pair<Name, LiveGroup>* oldest = nullptr;
        int64_t oldest_minute = 0;
        for (const auto& entry : all) {
            Walk walk(*database_, rows_of('B', entry.second.record.id), rows_end('B', entry.second.record.id));
            walk->SeekToFirst();
            TRY(walk.status());
            if (!walk->Valid()) continue;
            const int64_t minute = minute_in(walk->key().ToStringView());
            if (oldest && minute >= oldest_minute) continue;
            oldest = &entry;
            oldest_minute = minute;
        }
        if (!oldest) return {};
        TRY(take_away(oldest->first, oldest->second.record.id, oldest_minute + 1));
    }
    return {};
}

// A group's events before a minute.
Status Store::take_away(const Name& name, uint64_t group, int64_t minute_end) {
    rocksdb::WriteBatch batch;
    int64_t gone = 0;
    {
        Walk minutes(*database_, rows_of('B', group), minute_key(group, minute_end));
        for (minutes->SeekToFirst(); minutes->Valid(); minutes->Next()) {
            int64_t bytes = 0;
            TRY(decode_bytes(minutes->value().ToStringView(), bytes));
            gone += bytes;
        }
        TRY(minutes.status());
    }
    if (gone == 0) return {};
    const Position end{minute_end * minute_ms, 0};
    batch.DeleteRange(rows_of('E', group), event_key(group, end));
    batch.DeleteRange(rows_of('B', group), minute_key(group, minute_end));
    Walk streams(*database_, rows_of('S', group), rows_end('S', group));
    for (streams->SeekToFirst(); streams->Valid(); streams->Next()) {
        StreamRecord record;
        TRY(decode(streams->value().ToStringView(), record));
        if (!record.first || record.first->value() >= end.time_ms) continue;
        batch.DeleteRange(index_key(group, record.id, {INT64_MIN, 0}), index_key(group, record.id, end));
        Walk left(*database_, index_key(group, record.id, end), index_key(group, record.id + 1, {INT64_MIN, 0}));
        left->SeekToFirst();
        TRY(left.status());
        if (left->Valid()) {
            record.first = TimestampMs(position_in(left->key().ToStringView()).time_ms);
        } else {
            record.first.reset();
        }
        if (!left->Valid() && record.own) {
            batch.Delete(streams->key());
        } else {
            batch.Put(streams->key(), encode(record));
        }
    }
    TRY(streams.status());
    TRY(write_batch(batch));
    const std::lock_guard lock(names_);
    groups_[name].bytes -= gone;
    bytes_ -= gone;
    return {};
}

}  // namespace millrace::journal
