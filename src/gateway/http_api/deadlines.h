// Integrations' timeouts: one thread that calls back when a time is over.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace millrace::gateway::http_api {

class Deadlines {
  public:
    static std::unique_ptr<Deadlines> make();
    virtual ~Deadlines() = default;  // drops what is not due
    // Any thread. `work` must be quick and must not block; what it refers to it holds weakly, for it waits out its time
    // also where nobody needs it any more.
    virtual void after(int64_t ms, std::function<void()> work) = 0;
};

}  // namespace millrace::gateway::http_api
