#include "src/table/engine/subscriptions.h"

namespace millrace::table::engine {

class Subscriptions::Subscription {
  public:
    explicit Subscription(std::function<void()> wake) : wake_(std::move(wake)) {}
    void wake() {
        std::lock_guard lock(mutex_);
        if (cancelled_) return;
        running_ = true;
        wake_();
        running_ = false;
        if (cancelled_) wake_ = nullptr;
    }
    void cancel() {
        std::lock_guard lock(mutex_);
        cancelled_ = true;
        if (!running_) wake_ = nullptr;
    }

  private:
    std::recursive_mutex mutex_;  // held while wake_ runs: cancel() waits for it, unless it comes from within
    bool running_ = false;
    bool cancelled_ = false;
    std::function<void()> wake_;
};

std::shared_ptr<void> Subscriptions::add(uint64_t stream, std::function<void()> wake) {
    auto subscription = std::make_shared<Subscription>(std::move(wake));
    {
        std::lock_guard lock(mutex_);
        auto& all = all_[stream];
        std::erase_if(all, [](const auto& weak) { return weak.expired(); });
        all.push_back(subscription);
    }
    Subscription* const raw = subscription.get();
    return std::shared_ptr<void>(raw, [held = std::move(subscription)](void*) { held->cancel(); });
}

void Subscriptions::wake(const std::unordered_set<uint64_t>& streams) {
    if (streams.empty()) return;
    std::vector<std::shared_ptr<Subscription>> woken;
    {
        std::lock_guard lock(mutex_);
        for (const uint64_t stream : streams) {
            const auto found = all_.find(stream);
            if (found == all_.end()) continue;
            std::erase_if(found->second, [](const auto& weak) { return weak.expired(); });
            for (const auto& weak : found->second) {
                if (auto subscription = weak.lock()) woken.push_back(std::move(subscription));
            }
            if (found->second.empty()) all_.erase(found);
        }
    }
    for (const auto& subscription : woken) subscription->wake();
}

}  // namespace millrace::table::engine
