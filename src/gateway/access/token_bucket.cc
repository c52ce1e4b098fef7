#include "src/gateway/access/token_bucket.h"

#include <algorithm>

namespace millrace::gateway {
namespace {

// The time that one token takes to come; at most a year, so that sums stay far from the end of 64 bits.
int64_t token_ns(const BucketSize& size) {
    return static_cast<int64_t>(std::min(1e9 / size.rate, 3.15e16));
}

}  // namespace

bool TokenBucket::take(const BucketSize& size, int64_t now_ns) {
    if (!(size.rate > 0) || !(size.burst >= 1)) return false;
    const int64_t token = token_ns(size);
    const auto room = static_cast<int64_t>(std::min(static_cast<double>(token) * size.burst, 3.15e16));
    int64_t full_at = full_at_ns_.load(std::memory_order_relaxed);
    for (;;) {
        // A larger bucket of earlier limits counts as an empty one of these.
        const int64_t begin = std::clamp(full_at, now_ns, now_ns + std::max(room, token));
        if (begin + token > now_ns + std::max(room, token)) return false;
        if (full_at_ns_.compare_exchange_weak(full_at, begin + token, std::memory_order_relaxed)) return true;
    }
}

void TokenBucket::give_back(const BucketSize& size) {
    full_at_ns_.fetch_sub(token_ns(size), std::memory_order_relaxed);
}

std::shared_ptr<TokenBucket> TokenBuckets::find(const std::string& name, int64_t now_ns) {
    const std::lock_guard lock(mutex_);
    if (buckets_.size() >= sweep_at_) {
        std::erase_if(buckets_, [now_ns](const auto& entry) {
            return entry.second.use_count() == 1 && entry.second->full(now_ns);
        });
        sweep_at_ = std::max(sweep_min, buckets_.size() * 2);
    }
    std::shared_ptr<TokenBucket>& bucket = buckets_[name];
    if (!bucket) bucket = std::make_shared<TokenBucket>();
    return bucket;
}

}  // namespace millrace::gateway
