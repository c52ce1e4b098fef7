// ClientTokens of deletions, so that one that is sent again (its answer was lost) is answered as the first time. The
// newest ten thousand, in memory: after a restart a repeated deletion finds nothing, which is what is true.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <set>
#include <string>

namespace millrace::service::scheduler {

class UsedTokens {
  public:
    // `what` names the operation and its resource.
    bool contains(const std::string& what, const std::string& token) const {
        const std::lock_guard lock(mutex_);
        return known_.contains(what + " " + token);
    }
    void add(const std::string& what, const std::string& token) {
        if (token.empty()) return;
        const std::lock_guard lock(mutex_);
        if (!known_.insert(what + " " + token).second) return;
        order_.push_back(what + " " + token);
        if (order_.size() <= tokens_max) return;
        known_.erase(order_.front());
        order_.pop_front();
    }

  private:
    static constexpr size_t tokens_max = 10'000;
    mutable std::mutex mutex_;
    std::set<std::string> known_;
    std::deque<std::string> order_;
};

}  // namespace millrace::service::scheduler
