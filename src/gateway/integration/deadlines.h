// When calls have had their time: one thread for all of them, which sleeps until the first is due. Adding and taking
// away is a lock and a list's node, for nearly every call is answered long before.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace millrace::gateway {

class Deadlines {
  public:
    using Ticket = uint64_t;
    virtual ~Deadlines() = default;  // stops; what is not due is dropped uncalled
    static std::unique_ptr<Deadlines> make();
    // `late` runs on the thread of this, at most 64 ms after its time; it must be quick. Any thread.
    virtual Ticket add(int64_t in_ms, std::function<void()> late) = 0;
    // Forgets it, unless it runs or has run.
    virtual void remove(Ticket ticket) = 0;
};

}  // namespace millrace::gateway
