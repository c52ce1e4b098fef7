#include "src/flow/delivery.h"

#include <algorithm>

#include "src/flow/processing/processing.h"
#include "src/io/clock.h"
#include "src/table/key_value_store.h"

namespace millrace::flow {
namespace {

constexpr int64_t step_ns_max = 200'000'000;  // then another delivery has its turn
constexpr size_t shard_read_bytes_min = 64 * 1024;
constexpr int64_t rest_ns = 300'000'000'000;  // how often a delivery that nothing wakes lets go of others' log

}  // namespace

Delivery::Delivery(Definition definition, EngineOptions options, EngineParts parts, Shared& shared)
    : options_(std::move(options)), parts_(std::move(parts)), shared_(shared), definition_(std::move(definition)) {
    seen_.definition = definition_;
}

Delivery::~Delivery() = default;

Status Delivery::open() {
    return reload_progress();
}

Status Delivery::reload_progress() {
    TRY_ASSIGN(const Progress progress, load_progress(parts_.progress, definition_.id));
    for (const ShardProgress& reached : progress.shards) {
        const auto same = [&](const Shard& shard) { return shard.key == reached.shard; };
        const auto known = std::find_if(shards_.begin(), shards_.end(), same);
        if (known == shards_.end()) {
            shards_.push_back({reached.shard, "", reached.next, reached.next});
        } else {
            known->delivered = known->cursor = std::max(known->delivered, reached.next);
        }
    }
    progress_known_ = true;
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
    const Turns::Taken turn(shared_.turns);
    stopping_ = &stopping;
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
    if (processing_) processing_->clear();
    for (Shard& shard : shards_) {
        shard.cursor = shard.delivered;
        shard.at_end = false;
    }
}

Status Delivery::run(bool flush, const std::atomic<bool>& stopping, Next* next) {
    if (!compiled_) TRY(compile_destination());
    if (!progress_known_) TRY(reload_progress());
    TRY(refresh_shards());
    const int64_t turn_ends_ns = parts_.clock.monotonic_ns() + step_ns_max;
    for (;;) {
        if (stopping) return {};
        TRY_ASSIGN(const std::vector<log::ReadResult> round, read_round());
        TRY(consume(round));
        const bool caught_up = std::all_of(shards_.begin(), shards_.end(), [](const Shard& s) { return s.at_end; });
        const int64_t now_ns = parts_.clock.monotonic_ns();
        if (batch_) {
            int64_t wait_ms = flush && caught_up ? 0 : batch_->buffer.wait_ms(parts_.clock.now(), now_ns, caught_up);
            if (wait_ms == 0) {
                TRY(seal());
            } else {
                if (processing_ && !processing_->empty()) {
                    if (processing_->wait_ms() == 0) TRY(process());
                    if (!processing_->empty()) wait_ms = std::min(wait_ms, processing_->wait_ms());
                }
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
            if (!batch_) open_batch(oldest_left());
            const log::RecordView& record = records[taken[i]++];
            shards_[i].cursor = taken[i] < records.size() ? records[taken[i]].position : round[i].next;
            if (processing_) {
                if (!processing_->has_room_for(record)) TRY(process());
                processing_->gather(record, shards_[i].id);
                batch_->buffer.add(0, record.time, parts_.clock.monotonic_ns());
                if (processing_->full()) TRY(process());
            } else {
                TRY(batch_->add(record));
                batch_->buffer.add(record.data.size() + delimiter.size(), record.time, parts_.clock.monotonic_ns());
            }
            if (batch_->full()) TRY(seal());
        }
        shards_[i].cursor = round[i].next;
    }
    return {};
}

void Delivery::open_batch(TimestampMs oldest) {
    batch_ = std::make_unique<Batch>(parts_.objects, parts_.clock, definition_, destination_, oldest,
                                     [this](BatchTarget target) { return make_writer(std::move(target)); });
}

Status Delivery::process() {
    TRY_ASSIGN(std::vector<Processed> records, processing_->run(*stopping_));
    for (Processed& record : records) TRY(batch_->add(std::move(record)));
    return {};
}

Status Delivery::seal() {
    if (processing_ && !processing_->empty()) TRY(process());
    const uint64_t records = batch_->buffer.records();
    TRY_ASSIGN(const Batch::Finished finished, batch_->finish());
    Progress reached;
    for (const Shard& shard : shards_) reached.shards.push_back({shard.key, shard.cursor});
    table::WriteBatch also;
    put_progress(&also, definition_.id, reached);
    progress_known_ = false;
    TRY(parts_.objects.commit_together(finished.uploads, std::move(also)));
    progress_known_ = true;
    TRY(advance(std::move(reached)));
    const std::lock_guard<std::mutex> lock(mutex_);
    seen_.delivered_objects += finished.uploads.size();
    seen_.delivered_records += records;
    seen_.failed_records += finished.failed_records;
    return {};
}

// The batch is visible whole and the checkpoint has moved.
Status Delivery::advance(Progress reached) {
    batch_.reset();
    for (Shard& shard : shards_) {
        for (const ShardProgress& at : reached.shards) {
            if (at.shard == shard.key) shard.delivered = at.next;
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
