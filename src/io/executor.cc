#include "src/io/executor.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>

#include <pthread.h>

namespace millrace::io {
namespace {

class GrowingExecutor final : public Executor {
  public:
    explicit GrowingExecutor(ExecutorOptions options) : options_(std::move(options)) {}

    ~GrowingExecutor() override { GrowingExecutor::stop(); }

    void stop() override {
        // Destroyed without the lock: what a task holds may answer somebody when it goes, and he may submit again.
        std::deque<std::function<void()>> dropped;
        std::unique_lock lock(mutex_);
        stopping_ = true;
        dropped.swap(waiting_);
        work_.notify_all();
        lock.unlock();
        dropped.clear();
        lock.lock();
        ended_.wait(lock, [this] { return threads_ == 0; });
    }

    bool submit(std::function<void()> task) override {
        std::unique_lock lock(mutex_);
        if (stopping_ || waiting_.size() >= options_.queue_max) return false;
        waiting_.push_back(std::move(task));
        if (idle_ >= waiting_.size() || threads_ >= options_.threads_max) {
            work_.notify_one();
            return true;
        }
        // Under the lock: the new thread waits for it, and stop() for the thread.
        try {
            std::thread([this] { run(); }).detach();
        } catch (const std::system_error&) {
            // The machine gives no more threads. Those that there are do it later; where there are none, nobody would.
            if (threads_ > 0) return true;
            task = std::move(waiting_.back());  // goes with the caller's, without the lock
            waiting_.pop_back();
            return false;
        }
        ++threads_;
        return true;
    }

  private:
    void run() {
        pthread_setname_np(pthread_self(), options_.name.substr(0, 15).c_str());
        std::unique_lock lock(mutex_);
        for (;;) {
            if (waiting_.empty() && !stopping_) {
                ++idle_;
                work_.wait_for(lock, std::chrono::milliseconds(options_.idle_ms_max),
                               [this] { return stopping_ || !waiting_.empty(); });
                --idle_;
            }
            if (waiting_.empty()) break;  // stopping, or idle for too long
            std::function<void()> task = std::move(waiting_.front());
            waiting_.pop_front();
            lock.unlock();
            task();
            task = nullptr;  // what it captured goes before the lock is taken again
            lock.lock();
        }
        --threads_;
        ended_.notify_all();  // under the lock: stop() can not return before this thread lets go of it
    }

    const ExecutorOptions options_;
    std::mutex mutex_;
    std::condition_variable work_;
    std::condition_variable ended_;
    std::deque<std::function<void()>> waiting_;
    size_t threads_ = 0;
    size_t idle_ = 0;
    bool stopping_ = false;
};

}  // namespace

std::unique_ptr<Executor> make_executor(ExecutorOptions options) {
    return std::make_unique<GrowingExecutor>(std::move(options));
}

}  // namespace millrace::io
