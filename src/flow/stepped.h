// What the scheduler moves along: a state machine without a thread or a clock of its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace millrace::flow {

class Stepped {
  public:
    virtual ~Stepped() = default;

    struct Next {
        int64_t due_ns = INT64_MAX;  // monotonic: call again then at the latest...
        bool more = false;           // ...or at once: there is more to read
        bool settled = false;        // all that was in the log is delivered
    };
    // Does a bounded piece of work. One thread at a time. `flush`: whatever is buffered is due once all of the log is
    // read. Returns soon after `stopping` turns true; what is buffered then stays in the log.
    virtual Next step(bool flush, const std::atomic<bool>& stopping) = 0;

    // Between steps: whether it has other sources than at its last subscribe() (or had none yet).
    virtual bool sources_changed() = 0;
    // Tokens, each of which calls `wake` when a source has news.
    virtual std::vector<std::shared_ptr<void>> subscribe(const std::function<void()>& wake) = 0;
};

}  // namespace millrace::flow
