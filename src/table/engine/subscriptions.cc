#include "src/table/engine/subscriptions.h"

namespace millrace::table::engine {

std::shared_ptr<void> Subscriptions::add(uint64_t stream, std::function<void()> wake) {
    auto subscription = std::make_shared<io::Subscription>(std::move(wake));
    {
        std::lock_guard lock(mutex_);
        auto& all = all_[stream];
        std::erase_if(all, [](const auto& weak) { return weak.expired(); });
        all.push_back(subscription);
    }
    io::Subscription* const raw = subscription.get();
    return std::shared_ptr<void>(raw, [held = std::move(subscription)](void*) { held->cancel(); });
}

void Subscriptions::wake(const std::unordered_set<uint64_t>& streams) {
    if (streams.empty()) return;
    std::vector<std::shared_ptr<io::Subscription>> woken;
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
