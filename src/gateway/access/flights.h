// Calls of authorizers that have not answered yet: each is settled once - by its answer, by its time, or by the stop.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>

namespace millrace::gateway {

// Shared with the callbacks of the functions' engine, so that an answer which comes after all else is gone finds it.
class Flights {
  public:
    class Flight {
      private:
        friend class Flights;
        int64_t deadline_ns_ = 0;
        std::function<void()> give_up_;
    };
    using Ref = std::shared_ptr<Flight>;

    // null once stopped. `give_up` is run instead of what settle() is given, where the time is over or all stops.
    Ref begin(int64_t deadline_ns, std::function<void()> give_up);
    // Runs `work` unless the flight is settled already. stop() waits for it.
    void settle(const Ref& flight, const std::function<void()>& work);
    // Gives up those whose time is over.
    void expire(int64_t now_ns);
    // Gives up all and waits for what runs; nothing begins after it.
    void stop();

  private:
    void give_up(std::set<Ref> flights);

    std::mutex mutex_;
    std::condition_variable idle_;
    std::set<Ref> flights_;
    uint64_t running_ = 0;
    bool stopped_ = false;
};

}  // namespace millrace::gateway
