// Token buckets: `burst` requests at once, `rate` a second in the long run.
//
// Kept as the time at which the bucket would be full again ("generic cell rate algorithm"): one word, so taking is one
// compare-and-swap and a bucket that nobody uses costs nothing to keep full.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace millrace::gateway {

struct BucketSize {
    double rate = 0;  // tokens a second; 0 or less, with a burst or without: nothing passes
    double burst = 0;
};

class TokenBucket {
  public:
    // Whether there was a token. `now_ns` is monotonic. The size may differ from call to call: limits are edited.
    bool take(const BucketSize& size, int64_t now_ns);
    // The token comes back: what else the request had to pass refused it.
    void give_back(const BucketSize& size);
    bool full(int64_t now_ns) const { return full_at_ns_.load(std::memory_order_relaxed) <= now_ns; }

  private:
    std::atomic<int64_t> full_at_ns_{0};
};

// Buckets by name. A full one is as good as a new one, so those are forgotten where there are too many. Any thread.
class TokenBuckets {
  public:
    std::shared_ptr<TokenBucket> find(const std::string& name, int64_t now_ns);

  private:
    static constexpr size_t sweep_min = 1'024;

    std::mutex mutex_;
    std::unordered_map<std::string, std::shared_ptr<TokenBucket>> buckets_;
    size_t sweep_at_ = sweep_min;
};

}  // namespace millrace::gateway
