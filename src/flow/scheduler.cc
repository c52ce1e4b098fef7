#include "src/flow/scheduler.h"

#include <algorithm>
#include <chrono>

#include <pthread.h>

#include "src/io/clock.h"

namespace millrace::flow {
namespace {

constexpr int64_t not_queued = INT64_MIN;

}  // namespace

class Scheduler::Task {
  public:
    explicit Task(std::shared_ptr<Stepped> of) : stepped(std::move(of)) {}
    const std::shared_ptr<Stepped> stepped;
    std::atomic<bool> woken{false};  // a wake is queued, or will be when the step under way ends
    // By the thread that steps it, or that removes it.
    std::vector<std::shared_ptr<void>> subscriptions;
    // Guarded by the scheduler's mutex.
    int64_t due_ns = not_queued;
    bool running = false;
    bool poked = false;  // while running
    bool removed = false;
    bool flush = false;
};

Scheduler::Scheduler(const std::string& name, uint32_t threads, uint32_t gather_ms, const io::Clock& clock)
    : clock_(clock), gather_ns_(int64_t{gather_ms} * 1'000'000) {
    for (uint32_t i = 0; i < threads; ++i) {
        threads_.emplace_back([this] { work(); });
        pthread_setname_np(threads_.back().native_handle(), name.c_str());
    }
}

Scheduler::~Scheduler() {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        stopping_ = true;
    }
    due_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    for (const TaskPtr& task : tasks_) task->subscriptions.clear();
}

void Scheduler::schedule(Task& task, int64_t due_ns) {
    if (task.due_ns != not_queued) queue_.erase({task.due_ns, &task});
    task.due_ns = due_ns;
    queue_.insert({due_ns, &task});
    if (queue_.begin()->second == &task) due_.notify_one();
}

Scheduler::TaskPtr Scheduler::add(std::shared_ptr<Stepped> stepped) {
    auto task = std::make_shared<Task>(std::move(stepped));
    const std::lock_guard<std::mutex> lock(mutex_);
    tasks_.push_back(task);
    schedule(*task, clock_.monotonic_ns());
    return task;
}

void Scheduler::poke(const TaskPtr& task) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (task->removed) return;
    task->poked = true;
    if (!task->running) schedule(*task, clock_.monotonic_ns());
}

void Scheduler::wake(Task& task) {
    if (task.woken.exchange(true)) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    if (task.removed || task.running) return;  // after the step, `woken` is looked at
    schedule(task, std::min(task.due_ns == not_queued ? INT64_MAX : task.due_ns, clock_.monotonic_ns() + gather_ns_));
}

void Scheduler::remove(const TaskPtr& task) {
    std::unique_lock<std::mutex> lock(mutex_);
    task->removed = true;
    if (task->due_ns != not_queued) queue_.erase({task->due_ns, task.get()});
    task->due_ns = not_queued;
    stepped_.wait(lock, [&] { return !task->running; });
    std::erase(tasks_, task);
    lock.unlock();
    stepped_.notify_all();
    task->subscriptions.clear();
}

void Scheduler::subscribe(Task& task) {
    task.subscriptions.clear();
    task.subscriptions = task.stepped->subscribe([this, &task] { wake(task); });
}

void Scheduler::work() {
    std::unique_lock<std::mutex> lock(mutex_);
    while (!stopping_) {
        const int64_t now_ns = clock_.monotonic_ns();
        if (queue_.empty()) {
            due_.wait(lock);
            continue;
        }
        const auto [due_ns, first] = *queue_.begin();
        if (due_ns == INT64_MAX) {
            due_.wait(lock);
            continue;
        }
        if (due_ns > now_ns) {
            due_.wait_for(lock, std::chrono::nanoseconds(std::min<int64_t>(due_ns - now_ns, 3'600'000'000'000)));
            continue;
        }
        queue_.erase(queue_.begin());
        const auto task =
            *std::find_if(tasks_.begin(), tasks_.end(), [&, p = first](const TaskPtr& t) { return t.get() == p; });
        task->due_ns = not_queued;
        task->running = true;
        task->poked = false;
        const bool flush = task->flush;
        if (!queue_.empty()) due_.notify_one();  // another thread may take the next one meanwhile
        lock.unlock();

        task->woken = false;
        Stepped::Next next = task->stepped->step(flush, stopping_);
        if (task->stepped->sources_changed()) {
            // Subscribe first, then read: what is committed between the two must not be missed.
            subscribe(*task);
            next.more = true;
        }

        lock.lock();
        task->running = false;
        if (flush && next.settled) task->flush = false;
        if (!task->removed) {
            int64_t due = next.due_ns;
            if (next.more || task->poked) due = clock_.monotonic_ns();
            if (task->woken) due = std::min(due, clock_.monotonic_ns() + gather_ns_);
            schedule(*task, due);
        }
        stepped_.notify_all();
    }
}

bool Scheduler::flush(uint32_t timeout_ms) {
    std::unique_lock<std::mutex> lock(mutex_);
    for (const TaskPtr& task : tasks_) {
        task->flush = task->poked = true;
        if (!task->running) schedule(*task, clock_.monotonic_ns());
    }
    return stepped_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [&] {
        return std::none_of(tasks_.begin(), tasks_.end(), [](const TaskPtr& task) { return task->flush; });
    });
}

}  // namespace millrace::flow
