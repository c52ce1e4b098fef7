#include "src/gateway/http_api/deadlines.h"

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace millrace::gateway::http_api {
namespace {

using Moment = std::chrono::steady_clock::time_point;

class Thread final : public Deadlines {
  public:
    Thread() : thread_([this] { run(); }) {}

    ~Thread() override {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        changed_.notify_one();
        thread_.join();
    }

    void after(int64_t ms, std::function<void()> work) override {
        const Moment due = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
        bool first = false;
        {
            const std::lock_guard lock(mutex_);
            first = waiting_.emplace(due, std::move(work)) == waiting_.begin();
        }
        if (first) changed_.notify_one();
    }

  private:
    void run() {
        std::unique_lock lock(mutex_);
        while (!stopping_) {
            if (waiting_.empty()) {
                changed_.wait(lock);
                continue;
            }
            const auto first = waiting_.begin();
            if (first->first > std::chrono::steady_clock::now()) {
                changed_.wait_until(lock, Moment(first->first));
                continue;
            }
            const std::function<void()> work = std::move(first->second);
            waiting_.erase(first);
            lock.unlock();
            work();
            lock.lock();
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::multimap<Moment, std::function<void()>> waiting_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace

std::unique_ptr<Deadlines> Deadlines::make() {
    return std::make_unique<Thread>();
}

}  // namespace millrace::gateway::http_api
