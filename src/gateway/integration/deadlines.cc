#include "src/gateway/integration/deadlines.h"

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>

namespace millrace::gateway {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int64_t tick_ms = 64;

class DeadlineThread final : public Deadlines {
  public:
    DeadlineThread() : thread_([this] { run(); }) {}
    ~DeadlineThread() override {
        {
            std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        changed_.notify_all();
        thread_.join();
    }

    Ticket add(int64_t in_ms, std::function<void()> late) override {
        const int64_t tick = (now_ms() + in_ms) / tick_ms + 1;
        std::lock_guard lock(mutex_);
        const Ticket ticket = static_cast<uint64_t>(tick) << 32 | (++count_ & 0xFFFFFFFF);
        buckets_[tick].emplace(ticket, std::move(late));
        if (tick < sleeps_until_) changed_.notify_all();
        return ticket;
    }

    void remove(Ticket ticket) override {
        std::function<void()> dropped;  // destroyed without the lock
        std::lock_guard lock(mutex_);
        const auto bucket = buckets_.find(static_cast<int64_t>(ticket >> 32));
        if (bucket == buckets_.end()) return;
        const auto found = bucket->second.find(ticket);
        if (found == bucket->second.end()) return;
        dropped = std::move(found->second);
        bucket->second.erase(found);
        if (bucket->second.empty()) buckets_.erase(bucket);
    }

  private:
    using Bucket = std::unordered_map<Ticket, std::function<void()>>;

    int64_t now_ms() const {
        return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun_).count();
    }

    void run() {
        std::unique_lock lock(mutex_);
        while (!stopping_) {
            const int64_t now = now_ms() / tick_ms;
            if (!buckets_.empty() && buckets_.begin()->first <= now) {
                const Bucket due = std::move(buckets_.begin()->second);
                buckets_.erase(buckets_.begin());
                lock.unlock();
                for (const auto& [ticket, late] : due) late();
                lock.lock();
                continue;
            }
            if (buckets_.empty()) {
                sleeps_until_ = INT64_MAX;
                changed_.wait(lock);
            } else {
                sleeps_until_ = buckets_.begin()->first;
                changed_.wait_until(lock, begun_ + std::chrono::milliseconds(sleeps_until_ * tick_ms));
            }
            sleeps_until_ = 0;
        }
    }

    const Clock::time_point begun_ = Clock::now();
    std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    std::map<int64_t, Bucket> buckets_;  // by tick
    uint32_t count_ = 0;
    int64_t sleeps_until_ = 0;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace

std::unique_ptr<Deadlines> Deadlines::make() {
    return std::make_unique<DeadlineThread>();
}

}  // namespace millrace::gateway
