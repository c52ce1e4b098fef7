#include "src/gateway/access/flights.h"

namespace millrace::gateway {

Flights::Ref Flights::begin(int64_t deadline_ns, std::function<void()> give_up) {
    auto flight = std::make_shared<Flight>();
    flight->deadline_ns_ = deadline_ns;
    flight->give_up_ = std::move(give_up);
    const std::lock_guard lock(mutex_);
    if (stopped_) return nullptr;
    flights_.insert(flight);
    return flight;
}

void Flights::settle(const Ref& flight, const std::function<void()>& work) {
    {
        const std::lock_guard lock(mutex_);
        if (flights_.erase(flight) == 0) return;
        ++running_;
    }
    work();
    flight->give_up_ = nullptr;  // it holds the request
    const std::lock_guard lock(mutex_);
    --running_;
    idle_.notify_all();
}

void Flights::expire(int64_t now_ns) {
    std::set<Ref> late;
    {
        const std::lock_guard lock(mutex_);
        for (auto at = flights_.begin(); at != flights_.end();) {
            if ((*at)->deadline_ns_ <= now_ns) {
                late.insert(*at);
                at = flights_.erase(at);
            } else {
                ++at;
            }
        }
    }
    give_up(std::move(late));
}

void Flights::stop() {
    std::set<Ref> rest;
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        rest.swap(flights_);
    }
    give_up(std::move(rest));
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return running_ == 0; });
}

void Flights::give_up(std::set<Ref> flights) {
    for (const Ref& flight : flights) {
        flight->give_up_();
        flight->give_up_ = nullptr;
    }
}

}  // namespace millrace::gateway
