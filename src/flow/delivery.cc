#include "src/flow/delivery.h"

#include <algorithm>

#include "src/base/checksum.h"
#include "src/flow/object_name.h"
#include "src/io/clock.h"

namespace millrace::flow {
namespace {

constexpr int64_t step_ns_max = 200'000'000;  // then another delivery has its turn
constexpr size_t shard_read_bytes_min = 64 * 1024;
// Zero buffering (IntervalInSeconds 0): AWS delivers "within a few seconds"; so short an interval still gathers what
// one burst brings into one object.
constexpr int64_t interval_ms_min = 200;
constexpr int64_t rest_ns = 300'000'000'000;  // how often a delivery that nothing wakes lets go of others' log

}  // namespace

// The batch that is filling.
struct Delivery::Batch {
    BatchTarget target;
    Buffer buffer;
    uint64_t table_version = 0;
    std::unique_ptr<BatchWriter> writer;
};

Delivery::Delivery(Definition definition, EngineOptions options, EngineParts parts, std::mutex& conversion_lock)
    : options_(std::move(options)),
      parts_(std::move(parts)),
      conversion_lock_(conversion_lock),
      definition_(std::move(definition)) {
    seen_.definition = definition_;
}

Delivery::~Delivery() = default;

Status Delivery::open() {
    TRY_ASSIGN(progress_, load_progress(parts_.progress, definition_.id));
    for (const ShardProgress& shard : progress_.shards) shards_.push_back({shard.shard, shard.next, shard.next});
    return {};
}

void Delivery::reconfigure(Definition definition) {
    const std::lock_guard<std::mutex> lock(mutex_);
    seen_.definition = definition;
    new_definition_ = std::move(definition);
}

Description Delivery::describe() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return seen_;
}

bool Delivery::sources_changed() {
    return std::exchange(shards_changed_, false);
}

std::vector<std::shared_ptr<void>> Delivery::subscribe(const std::function<void()>& wake) {
    std::vector<std::shared_ptr<void>> tokens;
    for (const Shard& shard : shards_) tokens.push_back(parts_.log.subscribe(shard.key, wake));
    return tokens;
}

void Delivery::take_new_definition() {
    std::optional<Definition> fresh;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        fresh.swap(new_definition_);
    }
    if (!fresh) return;
    const bool moved = fresh->version != definition_.version;
    definition_ = std::move(*fresh);
    if (!moved) return;  // tags
    compiled_ = false;
    attempts_ = 0;
    retry_due_ns_ = 0;
    drop_batch();
}

Delivery::Next Delivery::step(bool flush, const std::atomic<bool>& stopping) {
    Next next;
    take_new_definition();
    if (parts_.clock.monotonic_ns() < retry_due_ns_) {
        next.due_ns = retry_due_ns_;
        return next;
    }
    if (Status status = run(flush, stopping, &next); !status.ok()) failed(status.error(), &next);
    return next;
}

void Delivery::failed(const Error& error, Next* next) {
    drop_batch();
    const uint64_t wait_ms =
        std::min<uint64_t>(uint64_t{options_.retry_ms_first} << std::min(attempts_, 20u), options_.retry_ms_max);
    ++attempts_;
    retry_due_ns_ = parts_.clock.monotonic_ns() + static_cast<int64_t>(wait_ms) * 1'000'000;
    *next = {};
    next->due_ns = retry_due_ns_;
    const std::lock_guard<std::mutex> lock(mutex_);
    seen_.last_error = error.message;
}

void Delivery::drop_batch() {
    batch_.reset();
    for (Shard& shard : shards_) {
        shard.cursor = shard.delivered;
        shard.at_end = false;
    }
}

Status Delivery::run(bool flush, const std::atomic<bool>& stopping, Next* next) {
    if (!compiled_) {
        TRY_ASSIGN(destination_, compile(definition_.destination));
        compiled_ = true;
    }
    if (progress_.intent) TRY(resolve_intent());
    TRY(refresh_shards());
    const int64_t turn_ends_ns = parts_.clock.monotonic_ns() + step_ns_max;
    for (;;) {
        if (stopping) return {};
        TRY_ASSIGN(const std::vector<log::ReadResult> round, read_round());
        TRY(consume(round));
        const bool caught_up = std::all_of(shards_.begin(), shards_.end(), [](const Shard& s) { return s.at_end; });
        const int64_t now_ns = parts_.clock.monotonic_ns();
        if (batch_) {
            const int64_t wait_ms =
                flush && caught_up ? 0 : batch_->buffer.wait_ms(parts_.clock.now(), now_ns, caught_up);
            if (wait_ms == 0) {
                TRY(seal());
            } else {
                next->due_ns = now_ns + wait_ms * 1'000'000;
            }
        }
        if (caught_up) {
            next->settled = !batch_;
            if (!batch_) {
                TRY(rest());
                next->due_ns = now_ns + rest_ns;
            }
            if (definition_.source == Source::kinesis) next->due_ns = std::min(next->due_ns, refresh_due_ns_);
            return {};
        }
        if (now_ns >= turn_ends_ns) {
            next->more = true;
            return {};
        }
    }
}

Result<std::vector<log::ReadResult>> Delivery::read_round() {
    std::vector<log::ReadResult> round(shards_.size());
    const size_t bytes_max =
        std::max(options_.read_bytes_max / std::max<size_t>(shards_.size(), 1), shard_read_bytes_min);
    for (size_t i = 0; i < shards_.size(); ++i) {
        TRY_ASSIGN(round[i], read(shards_[i], bytes_max));
        shards_[i].at_end = round[i].at_end;
        shards_[i].at_end_ns = parts_.clock.monotonic_ns();
    }
    return round;
}

Status Delivery::consume(const std::vector<log::ReadResult>& round) {
    // A batch that opens now is named after the oldest record that it will hold. Times only grow along a shard, and
    // what is committed later is never older: so that is the oldest of the shards' next records.
    std::vector<size_t> taken(round.size(), 0);
    const auto oldest_left = [&] {
        TimestampMs oldest(INT64_MAX);
        for (size_t i = 0; i < round.size(); ++i) {
            if (taken[i] < round[i].records.size()) oldest = std::min(oldest, round[i].records[taken[i]].time);
        }
        return oldest;
    };
    const std::string& delimiter = destination_.delimiter;
    for (size_t i = 0; i < round.size(); ++i) {
        const auto& records = round[i].records;
        while (taken[i] < records.size()) {
            if (!batch_) TRY(open_batch(oldest_left()));
            const log::RecordView& record = records[taken[i]++];
            TRY(batch_->writer->add(record));
            batch_->buffer.add(record.data.size() + delimiter.size(), record.time, parts_.clock.monotonic_ns());
            shards_[i].cursor = taken[i] < records.size() ? records[taken[i]].position : round[i].next;
            if (batch_->buffer.full()) TRY(seal());
        }
        shards_[i].cursor = round[i].next;
    }
    return {};
}

Status Delivery::open_batch(TimestampMs oldest) {
    const std::string stem =
        object_stem(definition_.name, definition_.version, oldest, destination_.zone, random_uuid());
    BatchTarget target;
    target.bucket = destination_.destination.bucket();
    target.oldest = oldest;
    target.entry_name = stem;
    TRY_ASSIGN(const std::string prefix,
               destination_.prefix.evaluate(oldest, destination_.zone, "", random_prefix_string));
    target.data_key = prefix + stem + extension_of(destination_.destination);
    if (destination_.converts()) {
        TRY_ASSIGN(
            const std::string error_prefix,
            destination_.error_prefix.evaluate(oldest, destination_.zone, conversion_failed, random_prefix_string));
        target.error_key = error_prefix + stem;
    }
    uint64_t table_version = 0;
    TRY_ASSIGN(auto writer, make_writer(target, std::nullopt, &table_version));
    const int64_t interval_ms = std::max<int64_t>(int64_t{destination_.destination.interval_s} * 1000, interval_ms_min);
    batch_ = std::make_unique<Batch>(Batch{std::move(target),
                                           Buffer(uint64_t{destination_.destination.size_mb} << 20, interval_ms),
                                           table_version, std::move(writer)});
    return {};
}

Status Delivery::seal() {
    TRY_ASSIGN(FinishedBatch finished, batch_->writer->finish());
    Intent intent;
    intent.bucket = batch_->target.bucket;
    if (finished.data) intent.data_key = batch_->target.data_key;
    if (finished.errors) intent.error_key = batch_->target.error_key;
    intent.oldest = batch_->target.oldest;
    intent.version = definition_.version;
    intent.table_version = batch_->table_version;
    for (const Shard& shard : shards_) intent.reaches.push_back({shard.key, shard.cursor});
    const uint64_t records = batch_->buffer.records(), failed_records = finished.failed_records;
    // From here on the intent is in memory whether or not the write below succeeded: what became of it is for
    // resolve_intent() to find out.
    progress_.intent = std::move(intent);
    TRY(save_progress(parts_.progress, definition_.id, progress_));
    TRY(commit_and_advance(std::move(finished)));
    const std::lock_guard<std::mutex> lock(mutex_);
    seen_.delivered_records += records;
    seen_.failed_records += failed_records;
    return {};
}

Status Delivery::commit_and_advance(FinishedBatch finished) {
    uint64_t objects = 0;
    for (object::Upload* upload : {finished.errors.get(), finished.data.get()}) {
        if (!upload) continue;
        TRY_ASSIGN(const object::ObjectInfo info, upload->commit());
        ++objects;
    }
    TRY(advance());
    const std::lock_guard<std::mutex> lock(mutex_);
    seen_.delivered_objects += objects;
    return {};
}

// The intent's batch is visible whole: the checkpoint moves to where it reaches.
Status Delivery::advance() {
    Progress advanced;
    advanced.shards = progress_.intent->reaches;
    TRY(save_progress(parts_.progress, definition_.id, advanced));
    progress_ = std::move(advanced);
    batch_.reset();
    for (Shard& shard : shards_) {
        for (const ShardProgress& reached : progress_.shards) {
            if (reached.shard == shard.key) shard.delivered = reached.next;
        }
        shard.cursor = std::max(shard.cursor, shard.delivered);
        // What is delivered is ours to let go of; a stream's shard has other readers and its own retention.
        if (definition_.source == Source::direct_put) TRY(parts_.log.trim_to(shard.key, shard.delivered));
    }
    attempts_ = 0;
    const std::lock_guard<std::mutex> lock(mutex_);
    seen_.last_error.clear();
    seen_.last_delivery = parts_.clock.now();
    return {};
}

// All is read and all of it is delivered. Shards share the log's segments: what others wrote since must not stay for an
// idle delivery's sake. The durable checkpoint may fall below the horizon so, with nothing of ours in between.
Status Delivery::rest() {
    for (Shard& shard : shards_) {
        if (shard.cursor == shard.delivered) continue;
        shard.delivered = shard.cursor;
        if (definition_.source == Source::direct_put) TRY(parts_.log.trim_to(shard.key, shard.delivered));
    }
    return {};
}

}  // namespace millrace::flow
