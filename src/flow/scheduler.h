// Threads that step deliveries and mappings when they are due: a queue ordered by time, and a wake that costs one
// atomic exchange while one is already on its way (it is called after every commit of the log).
//
// Lock order: the scheduler's mutex is innermost but for nothing; nothing is stepped, and no subscription made or
// destroyed, while it is held.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "src/flow/stepped.h"

namespace millrace::io {
class Clock;
}

namespace millrace::flow {

class Scheduler {
  public:
    // `name`: of the threads. `gather_ms`: after a wake, how long to let records gather before the step.
    Scheduler(const std::string& name, uint32_t threads, uint32_t gather_ms, const io::Clock& clock);
    ~Scheduler();  // after the steps under way

    // One's place in the queue.
    class Task;
    using TaskPtr = std::shared_ptr<Task>;
    TaskPtr add(std::shared_ptr<Stepped> stepped);
    // Due now, because something about it changed.
    void poke(const TaskPtr& task);
    // Never stepped again once this returns.
    void remove(const TaskPtr& task);
    // See Engine::flush.
    bool flush(uint32_t timeout_ms);

  private:
    void work();
    void wake(Task& task);
    void schedule(Task& task, int64_t due_ns);  // holding mutex_
    void subscribe(Task& task);                 // not holding it

    const io::Clock& clock_;
    const int64_t gather_ns_;
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;
    std::condition_variable due_;      // a task may be due, or stopping
    std::condition_variable stepped_;  // a step has ended
    std::set<std::pair<int64_t, Task*>> queue_;
    std::vector<TaskPtr> tasks_;
    std::vector<std::thread> threads_;
};

}  // namespace millrace::flow
