// A callback that can be taken back: what the log's and the tables' subscribe() hand out.
#pragma once

#include <functional>
#include <mutex>
#include <utility>

namespace millrace::io {

class Subscription {
  public:
    explicit Subscription(std::function<void()> wake) : wake_(std::move(wake)) {}
    // Runs the callback, on this thread; nothing once it is cancelled. Any thread, one call at a time.
    void wake() {
        std::lock_guard lock(mutex_);
        if (cancelled_) return;
        running_ = true;
        wake_();
        running_ = false;
        if (cancelled_) wake_ = nullptr;
    }
    // Waits for a callback that runs, unless called from within it; none runs afterwards. Any thread.
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

}  // namespace millrace::io
