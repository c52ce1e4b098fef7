// What commits do not wait for: the next segment is made ready, the mark is synced, sealed segments get their index,
// trimmed ones are freed. Also what creates and drops shards. The thread sleeps while nothing is asked of it.
#include <algorithm>
#include <chrono>

#include <pthread.h>

#include "src/base/checksum.h"
#include "src/log/log_impl.h"

namespace millrace::log {
namespace {

constexpr auto mark_sync_interval = std::chrono::milliseconds(100);
constexpr size_t spares_max = 2;  // freed files kept to be written again: rewriting is cheaper than fresh blocks

}  // namespace

SegmentHeader LogImpl::new_header(uint64_t base) const {
    const std::string random = random_bytes(8);
    return {.base = base,
            .bytes = options_.segment_bytes,
            .salt = get_integer<uint64_t>(random.data()),
            .log_id = log_id_,
            .created_ms = clock_.now().value()};
}

LogImpl::~LogImpl() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
        writer_wakes_.notify_all();
    }
    if (writer_.joinable()) writer_.join();  // it still needs maintenance, for a next segment
    {
        std::lock_guard lock(mutex_);
        maintenance_wakes_.notify_all();
    }
    if (maintenance_.joinable()) maintenance_.join();
}

void LogImpl::run_maintenance() {
    pthread_setname_np(pthread_self(), "log-maintenance");
    bool writer_ended = false;
    std::unique_lock lock(mutex_);
    while (!writer_ended) {
        maintenance_wakes_.wait(lock, [this] {
            return stopping_ || next_wanted_ || mark_dirty_ || manifest_dirty_ || indexes_dirty_ || may_free_;
        });
        // Nothing but the next segment is urgent; the rest is done together, a little later.
        if (!stopping_ && !next_wanted_) {
            maintenance_wakes_.wait_for(lock, mark_sync_interval, [this] { return stopping_ || next_wanted_; });
        }
        if (next_wanted_) {
            lock.unlock();
            auto prepared = prepare_next();
            lock.lock();
            next_wanted_ = false;
            if (!prepared) next_failed_ = prepared.error();
            next_ready_.notify_all();
            if (!stopping_) continue;
        }
        writer_ended = stopping_ && pending_.empty() && pending_bytes_ == 0;
        if (stopping_ && !writer_ended) {
            maintenance_wakes_.wait_for(lock, std::chrono::milliseconds(5), [this] { return next_wanted_; });
            continue;
        }
        const bool sync_mark = std::exchange(mark_dirty_, false) && options_.durability == Durability::fsync;
        const bool save = std::exchange(indexes_dirty_, false);
        const bool free = std::exchange(may_free_, false);
        lock.unlock();
        if (sync_mark) (void)mark_->sync();  // a mark that lags costs nothing but a longer look at the tail
        if (save) save_indexes();
        if (free) free_segments();
        lock.lock();
        if (manifest_dirty_) {
            lock.unlock();
            (void)write_manifest();  // is tried again where it failed; horizons may lag until then
            lock.lock();
        }
    }
}

Status LogImpl::prepare_next() {
    std::optional<std::string> spare;
    SegmentHeader header;
    {
        std::lock_guard lock(mutex_);
        if (next_) return {};
        header = new_header(active_->limit());
        if (!spares_.empty()) {
            spare = spares_.back();
            spares_.pop_back();
        }
    }
    auto made = Segment::create(files_, options_.directory, header, want_direct_, spare, options_.zeroed_segments);
    if (!made) return with_context(std::move(made).error(), "the log has no room for another segment");
    std::lock_guard lock(mutex_);
    next_ = std::move(*made);
    return {};
}

void LogImpl::save_indexes() {
    for (;;) {
        std::shared_ptr<const SegmentIndex> index;
        std::string path;
        {
            std::lock_guard lock(mutex_);
            for (auto& [base, sealed] : sealed_) {
                if (sealed.index_saved) continue;
                index = sealed.index;
                path = sealed.segment->index_path();
                sealed.index_saved = true;  // a failure costs a scan when it is next needed
                break;
            }
        }
        if (!index) return;
        (void)io::write_file_atomically(files_, path, encode(*index));
        evict_indexes(0);
    }
}

// Oldest first, while every shard's horizon is past the segment.
void LogImpl::free_segments() {
    std::vector<std::pair<uint64_t, uint64_t>> candidates;
    {
        std::lock_guard lock(mutex_);
        uint64_t needed = UINT64_MAX;
        for (const auto& [key, shard] : shards_) needed = std::min(needed, shard.horizon);
        for (const auto& [base, sealed] : sealed_) {
            if (base + sealed.bytes > needed) break;
            candidates.emplace_back(base, sealed.bytes);
        }
    }
    if (candidates.empty() || !write_manifest()) return;  // horizons first: none may point at what is gone
    for (const auto& [base, bytes] : candidates) {
        const std::string name = SegmentName{base, bytes}.text();
        const std::string path = options_.directory + "/" + name;
        bool reuse = false;
        {
            std::lock_guard lock(mutex_);
            const auto found = sealed_.find(base);
            // Somebody may be reading it: then the file is unlinked, and goes when he is done.
            const Segment* segment = found->second.segment.get();
            const bool unused = segment == nullptr || found->second.segment.use_count() == 1;
            const bool poor = options_.zeroed_segments && segment != nullptr && segment->only_allocated();
            reuse = unused && !poor && bytes == options_.segment_bytes && spares_.size() < spares_max;
            sealed_.erase(found);
        }
        (void)files_.remove(path + ".idx");
        const std::string spare = "spare-" + name.substr(4);
        if (!reuse) {
            (void)files_.remove(path);
        } else if (files_.rename(path, options_.directory + "/" + spare)) {
            std::lock_guard lock(mutex_);
            spares_.push_back(spare);
        }
    }
    (void)files_.sync_directory(options_.directory);
}

Status LogImpl::write_manifest() {
    std::lock_guard manifest_lock(manifest_mutex_);
    Manifest manifest;
    {
        std::lock_guard lock(mutex_);
        manifest.log_id = log_id_;
        manifest.next_shard = next_shard_;
        for (const auto& [key, shard] : shards_) manifest.shards.push_back({key, shard.horizon, shard.created_ms});
        manifest_dirty_ = false;
    }
    std::sort(manifest.shards.begin(), manifest.shards.end(),
              [](const auto& a, const auto& b) { return a.key < b.key; });
    Status written = io::write_file_atomically(files_, options_.directory + "/manifest", encode(manifest));
    if (!written) {
        std::lock_guard lock(mutex_);
        manifest_dirty_ = may_free_ = true;  // maintenance tries again
    }
    return written;
}

Result<ShardKey> LogImpl::create_shards(size_t count) {
    uint64_t first = 0;
    {
        std::lock_guard lock(mutex_);
        first = next_shard_;
        next_shard_ += count;
        for (uint64_t key = first; key < next_shard_; ++key) {
            shards_[key] = {.horizon = end_, .created_ms = clock_.now().value(), .subscriptions = {}};
        }
    }
    if (auto written = write_manifest(); !written) {
        std::lock_guard lock(mutex_);
        for (uint64_t key = first; key < first + count; ++key) shards_.erase(key);
        return std::move(written).error();
    }
    return ShardKey(first);
}

std::vector<ShardKey> LogImpl::shards() {
    std::lock_guard lock(mutex_);
    std::vector<ShardKey> keys;
    for (const auto& [key, shard] : shards_) keys.push_back(ShardKey(key));
    return keys;
}

Status LogImpl::drop_shard(ShardKey shard) {
    {
        std::lock_guard lock(mutex_);
        if (!shards_.contains(shard.value())) return Error{ErrorCode::not_found, "no such shard"};
    }
    return drop_shards({&shard, 1});
}

Status LogImpl::drop_shards(std::span<const ShardKey> shards) {
    {
        std::lock_guard lock(mutex_);
        for (const ShardKey shard : shards) shards_.erase(shard.value());
        may_free_ = true;
        maintenance_wakes_.notify_one();
    }
    return write_manifest();
}

Status LogImpl::trim(ShardKey shard, TimestampMs time) {
    TRY_ASSIGN(const Position position, find_time(shard, time));
    return trim_to(shard, position);
}

Status LogImpl::trim_to(ShardKey shard, Position position) {
    std::lock_guard lock(mutex_);
    const auto found = shards_.find(shard.value());
    if (found == shards_.end()) return Error{ErrorCode::not_found, "no such shard"};
    if (position.value() > end_) return Error{ErrorCode::out_of_range, "trimming past the end of the log"};
    if (position.value() <= found->second.horizon) return {};
    found->second.horizon = position.value();
    manifest_dirty_ = may_free_ = true;
    maintenance_wakes_.notify_one();
    return {};
}

std::shared_ptr<void> LogImpl::subscribe(ShardKey shard, std::function<void()> wake) {
    auto subscription = std::make_shared<io::Subscription>(std::move(wake));
    {
        std::lock_guard lock(mutex_);
        if (const auto found = shards_.find(shard.value()); found != shards_.end()) {
            auto& all = found->second.subscriptions;
            std::erase_if(all, [](const auto& weak) { return weak.expired(); });
            all.push_back(subscription);
        }
    }
    io::Subscription* const raw = subscription.get();
    return std::shared_ptr<void>(raw, [held = std::move(subscription)](void*) { held->cancel(); });
}

}  // namespace millrace::log
