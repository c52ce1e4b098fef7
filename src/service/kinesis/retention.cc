// Letting go of what is older than a stream's retention.
#include <chrono>

#include <pthread.h>

#include "src/service/kinesis/kinesis.h"

namespace millrace::service::kinesis {
namespace {

constexpr auto trim_interval = std::chrono::seconds(60);

}  // namespace

void Kinesis::trim_expired() {
    const int64_t now_ms = clock_.now().value();
    for (const auto& live : streams_.all()) {
        const TimestampMs oldest(now_ms - int64_t{live->stream.retention_hours} * 3'600'000);
        for (const auto& shard : live->stream.shards) {
            (void)log_.trim(log::ShardKey(shard.log_key), oldest);  // deleted meanwhile, or tried again in a minute
        }
        close_late(live);
        drop_expired_shards(live, oldest);
    }
}

void Kinesis::run_retention() {
    pthread_setname_np(pthread_self(), "retention");
    std::unique_lock lock(retention_mutex_);
    while (!retention_wakes_.wait_for(lock, trim_interval, [this] { return stopping_; })) {
        lock.unlock();
        trim_expired();
        lock.lock();
    }
}

Kinesis::~Kinesis() {
    {
        std::lock_guard lock(retention_mutex_);
        stopping_ = true;
    }
    retention_wakes_.notify_all();
    if (retention_.joinable()) retention_.join();
}

}  // namespace millrace::service::kinesis
