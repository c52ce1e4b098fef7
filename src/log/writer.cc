// Appending. Callers queue; the writer thread takes all that waits, lays it out as one commit (one run a batch, runs
// of a shard side by side), writes it with one call, syncs once, publishes it to readers and calls everybody back.
// While a commit is on its way to the disk the next one gathers: the busier the log, the more records share a sync.
//
// A failed write or sync ends appending for the life of this object: what the disk holds is unknown then, and a
// second fdatasync would lie. Readers go on. Recovery on the next start sorts it out.
#include <algorithm>
#include <cstring>
#include <future>
#include <tuple>

#include <pthread.h>

#include "src/io/wakeup.h"
#include "src/log/log_impl.h"
#include "src/log/scan.h"

namespace millrace::log {
namespace {

constexpr size_t index_entries_max = 512 << 10;  // of a segment: 8 MiB of index, 16 in memory; then it is sealed early
// An index keeps times as 32 bits of milliseconds from its segment's first (49 days): what came later would seem older
// than it is, to trimming as well. So a segment is sealed long before, also where the clock was set forward.
constexpr int64_t segment_span_ms_max = int64_t{30} * 24 * 3600 * 1000;
// Past this share of a log's first segment, which is only allocated, the next one is made, and then written to.
constexpr uint64_t first_segment_share = 32;
constexpr uint32_t index_entry_bytes_max = 256 << 10;  // a reader in the middle of an entry reads it from its beginning

size_t stored_bytes(const Batch& batch) {
    return align_up(run_header_bytes + batch.bytes(), alignment_bytes);
}

}  // namespace

void LogImpl::Pending::fail(const Error& error) {
    if (done_one) {
        done_one(error);
    } else {
        done_all(error);
    }
}

void LogImpl::append(Batch batch, AppendDone done) {
    Pending pending;
    pending.batches.push_back(std::move(batch));
    pending.done_one = std::move(done);
    enqueue(std::move(pending));
}

void LogImpl::append(std::vector<Batch> batches, std::function<void(Result<std::vector<Appended>>)> done) {
    Pending pending;
    pending.batches = std::move(batches);
    pending.done_all = std::move(done);
    enqueue(std::move(pending));
}

Result<Appended> LogImpl::append_and_wait(Batch batch) {
    std::promise<Result<Appended>> promise;
    append(std::move(batch), [&](Result<Appended> result) { promise.set_value(std::move(result)); });
    return promise.get_future().get();
}

void LogImpl::enqueue(Pending pending) {
    for (const Batch& batch : pending.batches) pending.bytes += stored_bytes(batch);
    std::optional<Error> refused;
    {
        std::lock_guard lock(mutex_);
        if (failed_) {
            refused = *failed_;
        } else if (stopping_) {
            refused = Error{ErrorCode::unavailable, "the log is closing"};
        } else if (pending.bytes + block_header_bytes + segment_header_bytes > options_.segment_bytes) {
            refused = Error{ErrorCode::invalid_argument, "an append may not be larger than a segment"};
        } else if (pending_bytes_ > 0 && pending_bytes_ + pending.bytes > options_.pending_bytes_max) {
            refused = Error{ErrorCode::resource_exhausted, "too much waits to be written: slow down"};
        } else {
            for (const Batch& batch : pending.batches) {
                if (!shards_.contains(batch.shard().value())) refused = Error{ErrorCode::not_found, "no such shard"};
            }
        }
        if (!refused) {
            pending_bytes_ += pending.bytes;
            pending_.push_back(std::move(pending));
            if (pending_.size() == 1) writer_wakes_.notify_one();
        }
    }
    if (refused) pending.fail(*refused);
}

void LogImpl::run_writer() {
    pthread_setname_np(pthread_self(), "log-writer");
    std::unique_lock lock(mutex_);
    for (;;) {
        writer_wakes_.wait(lock, [this] { return stopping_ || !pending_.empty(); });
        if (pending_.empty()) return;
        std::vector<Pending> taken;
        size_t bytes = block_header_bytes;
        while (!pending_.empty() && (taken.empty() || bytes + pending_.front().bytes <= usual_block_bytes_max)) {
            bytes += pending_.front().bytes;
            taken.push_back(std::move(pending_.front()));
            pending_.pop_front();
        }
        lock.unlock();
        commit(std::move(taken));
        lock.lock();
        pending_bytes_ -= bytes - block_header_bytes;
    }
}

void LogImpl::fail_all(std::vector<Pending>& taken, const Error& error) {
    for (Pending& one : taken) one.fail(error);
}

// The next segment becomes the active one. With the lock held.
Status LogImpl::roll(std::unique_lock<std::mutex>& lock) {
    if (!next_) {
        next_failed_.reset();
        next_wanted_ = true;
        maintenance_wakes_.notify_one();
        next_ready_.wait(lock, [this] { return next_ || next_failed_; });
        if (!next_) return *next_failed_;
    }
    auto index = std::make_shared<SegmentIndex>(std::move(active_index_));
    sealed_[active_->base()] = {.segment = active_,
                                .index = std::move(index),
                                .bytes = active_->bytes(),
                                .last_used = ++use_counter_,
                                .index_saved = false};
    active_ = std::move(next_);
    next_ = nullptr;
    active_index_ = SegmentIndex{.base = active_->base(), .salt = active_->salt(), .end = segment_header_bytes};
    end_ = active_->base() + segment_header_bytes;
    tail_block_.clear();
    indexes_dirty_ = may_free_ = true;
    maintenance_wakes_.notify_one();
    return {};
}

Status LogImpl::make_room(uint64_t block_bytes, int64_t time_ms) {
    std::unique_lock lock(mutex_);
    if (failed_) return *failed_;
    const bool too_long = !active_index_.empty() && time_ms - active_index_.first_time_ms > segment_span_ms_max;
    const bool poor = options_.zeroed_segments && active_->only_allocated();
    if (end_ + block_bytes > active_->limit() || active_index_.entry_count >= index_entries_max || too_long ||
        (poor && next_)) {
        TRY(roll(lock));
    }
    // The last commit may go up to the very end; from half-way on the next file is made ready.
    if (!next_ && !next_wanted_ && end_ - active_->base() > active_->bytes() / (poor ? first_segment_share : 2)) {
        next_wanted_ = true;
        maintenance_wakes_.notify_one();
    }
    return {};
}

Status LogImpl::write_block(const Buffer& buffer, uint64_t start, uint64_t end) {
    const uint64_t size = align_up(end - start, disk_block_bytes);
    TRY(active_->file().write_at(start - active_->base(), {buffer.data(), size}));
    if (options_.durability == Durability::fsync) TRY(active_->file().sync_data());
    return mark_->write(end);
}

// A write or sync failed: this commit, what waits and what comes is refused.
void LogImpl::stop_appending(std::vector<Pending>& taken, const Error& cause) {
    const Error error{ErrorCode::unavailable,
                      "the log stopped: " + cause.message + "; nothing more is accepted until it is restarted"};
    std::vector<Pending> refused;
    {
        std::lock_guard lock(mutex_);
        failed_ = error;
        for (Pending& one : pending_) refused.push_back(std::move(one));
        for (const Pending& one : refused) pending_bytes_ -= one.bytes;
        pending_.clear();
    }
    fail_all(taken, error);
    fail_all(refused, error);
}

void LogImpl::commit(std::vector<Pending> taken) {
    // Runs in the order of their shards; of one shard, in the order of the calls.
    std::vector<CommitRun> runs;
    uint64_t block_bytes = block_header_bytes;
    for (uint32_t call = 0; call < taken.size(); ++call) {
        for (uint32_t i = 0; i < taken[call].batches.size(); ++i) {
            const Batch& batch = taken[call].batches[i];
            if (batch.count() == 0) continue;
            runs.push_back({batch.shard().value(), call, i, 0});
            block_bytes += stored_bytes(batch);
        }
    }
    std::sort(runs.begin(), runs.end(), [](const CommitRun& a, const CommitRun& b) {
        return std::tie(a.shard, a.call, a.batch) < std::tie(b.shard, b.call, b.batch);
    });
    const int64_t time_ms = std::max(clock_.now().value(), last_time_ms_);
    if (auto room = make_room(block_bytes, time_ms); !room) return fail_all(taken, room.error());

    const uint64_t start = align_down(end_, disk_block_bytes);
    const uint64_t position = end_;
    const uint64_t end = position + block_bytes;
    const auto buffer = std::make_shared<Buffer>(align_up(end - start, disk_block_bytes));
    char* const block = buffer->data() + (position - start);
    const uint64_t salt = active_->salt();
    std::memcpy(buffer->data(), tail_block_.data(), tail_block_.size());
    encode({.position = position,
            .previous = previous_block_,
            .durable_mark = position,
            .time_ms = time_ms,
            .length = static_cast<uint32_t>(block_bytes),
            .run_count = static_cast<uint32_t>(runs.size())},
           salt, block);
    uint64_t at = block_header_bytes;
    for (CommitRun& run : runs) {
        Batch::State& batch = BatchAccess::state(taken[run.call].batches[run.batch]);
        run.offset = static_cast<uint32_t>(at);
        encode({.shard = run.shard,
                .record_count = static_cast<uint32_t>(batch.starts.size()),
                .bytes = static_cast<uint32_t>(batch.size),
                .records_crc = batch.records_crc},
               salt, position + at, block + at);
        std::memcpy(block + at + run_header_bytes, batch.buffer.data(), batch.size);
        batch.buffer = Buffer();  // back to the pool, for the next caller
        const uint64_t used = run_header_bytes + batch.size;
        const uint64_t length = align_up(used, alignment_bytes);
        std::memset(block + at + used, 0, length - used);
        at += length;
    }
    std::memset(block + block_bytes, 0,
                buffer->data() + align_up(end - start, disk_block_bytes) - (block + block_bytes));

    if (!runs.empty()) {
        if (auto written = write_block(*buffer, start, end); !written) return stop_appending(taken, written.error());
    }

    std::vector<std::shared_ptr<io::Subscription>> woken;
    if (!runs.empty()) {
        const uint64_t partial = align_down(end, disk_block_bytes);
        tail_block_.assign(buffer->data() + (partial - start), end - partial);
        woken = publish(taken, runs, position, end, time_ms, block, buffer);
    }
    const io::WakeBatch wake_once;  // whoever is answered below
    for (const auto& subscription : woken) subscription->wake();
    answer(taken, runs, position, time_ms);
}

// Readers see the commit from here on. Returns who waits for it.
std::vector<std::shared_ptr<io::Subscription>> LogImpl::publish(const std::vector<Pending>& taken,
                                                                const std::vector<CommitRun>& runs, uint64_t position,
                                                                uint64_t end, int64_t time_ms, const char* block,
                                                                std::shared_ptr<const Buffer> buffer) {
    std::vector<std::shared_ptr<io::Subscription>> woken;
    std::lock_guard lock(mutex_);
    previous_block_ = position;
    last_time_ms_ = time_ms;
    SegmentIndex& index = active_index_;
    if (index.empty()) index.first_time_ms = time_ms;
    index.last_block = position;
    index.last_time_ms = time_ms;
    index.end = static_cast<uint32_t>(end - active_->base());
    const uint32_t time = index.time_to_offset_ms(time_ms);
    const uint64_t block_offset = position - active_->base();
    for (size_t i = 0; i < runs.size();) {
        IndexEntry entry{.offset = static_cast<uint32_t>(block_offset + runs[i].offset), .after_first_ms = time};
        const uint64_t shard = runs[i].shard;
        const size_t first = i;
        do {
            const Batch& batch = taken[runs[i].call].batches[runs[i].batch];
            entry.bytes += static_cast<uint32_t>(stored_bytes(batch));
            entry.records += static_cast<uint32_t>(batch.count());
            ++i;
        } while (i < runs.size() && runs[i].shard == shard && entry.bytes < index_entry_bytes_max);
        index.add(shard, entry);
        if (first > 0 && runs[first - 1].shard == shard) continue;  // woken already
        const auto found = shards_.find(shard);
        if (found == shards_.end()) continue;
        for (const auto& weak : found->second.subscriptions) {
            if (auto subscription = weak.lock()) woken.push_back(std::move(subscription));
        }
    }
    end_ = end;
    tail_.add(position, end, block, std::move(buffer));
    if (!mark_dirty_) {
        mark_dirty_ = true;
        maintenance_wakes_.notify_one();
    }
    return woken;
}

// Each call gets the positions of its records.
void LogImpl::answer(std::vector<Pending>& taken, const std::vector<CommitRun>& runs, uint64_t position,
                     int64_t time_ms) {
    // The runs' offsets, by call and batch.
    std::vector<std::vector<uint32_t>> offsets(taken.size());
    for (size_t call = 0; call < taken.size(); ++call) offsets[call].resize(taken[call].batches.size());
    for (const CommitRun& run : runs) offsets[run.call][run.batch] = run.offset;
    for (size_t call = 0; call < taken.size(); ++call) {
        std::vector<Appended> appended(taken[call].batches.size());
        for (size_t i = 0; i < appended.size(); ++i) {
            const auto& starts = BatchAccess::state(taken[call].batches[i]).starts;
            const uint64_t first = position + offsets[call][i] + run_header_bytes;
            appended[i].time = TimestampMs(time_ms);
            appended[i].positions.reserve(starts.size());
            for (const uint32_t inside : starts) appended[i].positions.push_back(Position(first + inside));
        }
        if (taken[call].done_one) {
            taken[call].done_one(std::move(appended[0]));
        } else {
            taken[call].done_all(std::move(appended));
        }
    }
}

}  // namespace millrace::log
