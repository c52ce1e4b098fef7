#include "src/bus/archive.h"

#include <algorithm>
#include <cstdio>

#include "src/base/one_line.h"
#include "src/bus/event.h"
#include "src/bus/store_keys.h"
#include "src/io/clock.h"
#include "src/table/key_value_store.h"

namespace millrace::bus {
namespace {

constexpr log::ReadLimits read_limits = {.records_max = 4000, .bytes_max = 4 << 20};
constexpr int64_t gather_ns = 250'000'000;  // one write for what comes meanwhile
constexpr int64_t pause_ns_min = 1'000'000'000, pause_ns_max = 60'000'000'000;
constexpr int64_t sweep_ns = 60'000'000'000;
constexpr size_t sweep_events_max = 10'000;

std::string encode(const ArchiveState& state) {
    return number_text(state.position) + number_text(state.events) + number_text(state.bytes);
}

ArchiveState decode(std::string_view text) {
    return {number_at(text, 0), number_at(text, 8), number_at(text, 16)};
}

}  // namespace

Archiver::Archiver(const ArchiveDefinition& archive, const BusDefinition& bus, const Options& options,
                   const Parts& parts)
    : id_(archive.id), bus_(bus), patience_ns_(options.archive_patience_ms * 1'000'000), parts_(parts) {}

Result<std::shared_ptr<Archiver>> Archiver::open(const ArchiveDefinition& archive, const BusDefinition& bus,
                                                 const Options& options, const Parts& parts) {
    std::shared_ptr<Archiver> out(new Archiver(archive, bus, options, parts));
    TRY(out->update(archive));
    TRY_ASSIGN(const std::optional<std::string> stored, parts.store.get(store_key('a', {archive.id})));
    const ArchiveState state = stored ? decode(*stored) : ArchiveState{archive.from_position};
    out->position_ = state.position;
    out->events_ = state.events;
    out->bytes_ = state.bytes;
    return out;
}

Status Archiver::update(const ArchiveDefinition& archive) {
    std::optional<flow::pattern::Pattern> pattern;
    if (!archive.pattern.empty()) {
        TRY_ASSIGN(pattern, flow::pattern::Pattern::compile(archive.pattern));
    }
    std::lock_guard lock(mutex_);
    pattern_ = std::move(pattern);
    retention_days_ = archive.retention_days;
    return {};
}

std::vector<std::shared_ptr<void>> Archiver::subscribe(const std::function<void()>& wake) {
    subscribed_ = true;
    return {parts_.log.subscribe(log::ShardKey(bus_.log_key), wake)};
}

flow::Stepped::Next Archiver::step(bool, const std::atomic<bool>&) {
    Next next;
    const int64_t now = parts_.clock.monotonic_ns();
    if (now < next_ns_ && !hurried_.exchange(false)) {
        next.due_ns = next_ns_;
        return next;
    }
    Result<bool> more = archive_some();
    Status swept;
    if (more.ok() && now >= sweep_ns_) {
        swept = drop_expired();
        sweep_ns_ = now + sweep_ns;
    }
    if (!more.ok() || !swept.ok()) {
        fail(more.ok() ? swept.error() : more.error());
        next.due_ns = next_ns_ = now + pause_ns_;
        return next;
    }
    if (failing_since_ns_ != INT64_MAX) {
        std::lock_guard lock(mutex_);
        problem_.clear();
        failing_since_ns_ = INT64_MAX;
        pause_ns_ = 0;
    }
    next.more = *more;
    if (!*more) next_ns_ = now + gather_ns;
    next.due_ns = sweep_ns_;
    next.settled = !*more;
    return next;
}

void Archiver::fail(const Error& error) {
    pause_ns_ = std::clamp(2 * pause_ns_, pause_ns_min, pause_ns_max);
    const int64_t now_ns = parts_.clock.monotonic_ns();
    const bool held = holds_log();
    if (failing_since_ns_ == INT64_MAX) failing_since_ns_ = now_ns;
    std::fprintf(stderr, "millrace: an archive of event bus %s can not be written, and is tried again: %s%s\n",
                 bus_.name.c_str(), on_one_line(error.message).c_str(),
                 held && !holds_log() ? "; it is no longer waited for: what comes is missing from it" : "");
    std::lock_guard lock(mutex_);
    problem_ = error.message;
}

bool Archiver::holds_log() const {
    const int64_t since_ns = failing_since_ns_;
    return since_ns == INT64_MAX || parts_.clock.monotonic_ns() - since_ns < patience_ns_;
}

std::string Archiver::problem() const {
    std::lock_guard lock(mutex_);
    return problem_;
}

Result<bool> Archiver::archive_some() {
    const log::ShardKey shard(bus_.log_key);
    TRY_ASSIGN(const log::Position horizon, parts_.log.horizon(shard));
    const log::Position from = std::max(log::Position(position_), horizon);
    if (!holds_log() && from.value() > position_) {
        std::fprintf(stderr, "millrace: an archive of event bus %s goes on, without events of up to %llu bytes\n",
                     bus_.name.c_str(), static_cast<unsigned long long>(from.value() - position_));
        position_ = from.value();
    }
    Result<log::ReadResult> read = parts_.log.read(shard, from, read_limits);
    if (!read.ok() && read.error().code == ErrorCode::corruption) {
        TRY_ASSIGN(const log::Position after, parts_.log.skip_corrupt(shard, from));
        position_ = after.value();
        return true;
    }
    if (!read.ok() && read.error().code == ErrorCode::unavailable) return false;  // stopping
    if (!read.ok()) return std::move(read).error();
    std::optional<flow::pattern::Pattern> pattern;
    {
        std::lock_guard lock(mutex_);
        pattern = pattern_;
    }
    table::WriteBatch batch;
    ArchiveState state = this->state();
    for (const log::RecordView& record : read->records) {
        if (!decode_origin(record.partition_key).replay.empty()) continue;
        if (pattern) {
            const auto tree = flow::pattern::parse_json(record.data);
            if (!tree.ok() || !pattern->matches(*tree)) continue;
        }
        // Keys are unsigned: what is said to be from before 1970 is kept, found and dropped with what is from then.
        const int64_t time = std::max<int64_t>(0, time_of(record.data).value_or(record.time).value());
        batch.put(store_key('A', {id_, static_cast<uint64_t>(time), record.position.value()}),
                  std::string(record.data));
        ++state.events;
        state.bytes += record.data.size();
    }
    state.position = read->next.value();
    if (!batch.empty()) {
        batch.put(store_key('a', {id_}), encode(state));
        TRY(parts_.store.write(batch));
    }
    position_ = state.position;
    events_ = state.events;
    bytes_ = state.bytes;
    return !read->at_end;
}

Status Archiver::drop_expired() {
    if (retention_days_ == 0) return {};
    const int64_t until = parts_.clock.now().value() - int64_t{retention_days_} * 86'400'000;
    if (until <= 0) return {};
    const std::string begin = store_key('A', {id_}), end = store_key('A', {id_, static_cast<uint64_t>(until)});
    for (bool more = true; more;) {
        table::WriteBatch batch;
        ArchiveState state = this->state();
        {
            const auto cursor = parts_.store.cursor();
            size_t count = 0;
            for (cursor->seek(begin); cursor->valid() && cursor->key() < end && count < sweep_events_max;
                 cursor->next(), ++count) {
                batch.erase(std::string(cursor->key()));
                state.events -= std::min<uint64_t>(state.events, 1);
                state.bytes -= std::min<uint64_t>(state.bytes, cursor->value().size());
            }
            TRY(cursor->status());
            more = count == sweep_events_max;
        }
        if (batch.empty()) return {};
        batch.put(store_key('a', {id_}), encode(state));
        TRY(parts_.store.write(batch));
        events_ = state.events;
        bytes_ = state.bytes;
    }
    return {};
}

Result<bool> Archiver::erase_some(table::KeyValueStore& store, uint64_t archive, size_t count_max) {
    const std::string begin = store_key('A', {archive});
    table::WriteBatch batch;
    size_t count = 0;
    {
        const auto cursor = store.cursor();
        for (cursor->seek(begin); cursor->valid() && cursor->key().starts_with(begin) && count < count_max;
             cursor->next(), ++count) {
            batch.erase(std::string(cursor->key()));
        }
        TRY(cursor->status());
    }
    if (count < count_max) batch.erase(store_key('a', {archive}));
    TRY(store.write(batch));
    return count < count_max;
}

}  // namespace millrace::bus
