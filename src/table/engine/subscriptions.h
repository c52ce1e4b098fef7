// Who wants to know of new changes in which stream. Any thread.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "src/io/subscription.h"

namespace millrace::table::engine {

class Subscriptions {
  public:
    // See Tables::subscribe.
    std::shared_ptr<void> add(uint64_t stream, std::function<void()> wake);
    void wake(const std::unordered_set<uint64_t>& streams);

  private:
    std::mutex mutex_;
    std::unordered_map<uint64_t, std::vector<std::weak_ptr<io::Subscription>>> all_;
};

}  // namespace millrace::table::engine
