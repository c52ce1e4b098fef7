// Threads for work that may block. Grows on demand to a bound, shrinks when idle.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace millrace::io {

class Executor {
  public:
    virtual ~Executor() = default;  // as stop()
    // Runs `task` on some thread, soon. Any thread may call. Returns false when stopping or when `queue_max` tasks
    // already wait: the caller answers "busy".
    virtual bool submit(std::function<void()> task) = 0;
    // Waits for what runs and drops what waits; submit() answers false from now on. For whoever has to end the tasks
    // while the executor itself is still named by others. Not from a task; more than once does nothing.
    virtual void stop() = 0;
};

struct ExecutorOptions {
    std::string name = "worker";  // thread names, at most 12 characters
    uint32_t threads_max = 256;
    uint32_t queue_max = 10'000;
    uint32_t idle_ms_max = 10'000;  // an idle thread ends after this
};
std::unique_ptr<Executor> make_executor(ExecutorOptions options);

}  // namespace millrace::io
