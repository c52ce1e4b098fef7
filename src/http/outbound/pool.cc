#include "src/http/outbound/pool.h"

#include <algorithm>
#include <utility>

namespace millrace::http {

std::list<ConnectionPool::Idle> ConnectionPool::take_expired() {
    std::list<Idle> expired;
    const auto now = std::chrono::steady_clock::now();
    while (!idle_.empty() && idle_.front().until <= now) expired.splice(expired.end(), idle_, idle_.begin());
    return expired;
}

std::unique_ptr<Channel> ConnectionPool::take(const std::string& origin) {
    for (;;) {
        std::list<Idle> expired;  // closed after the lock is given back
        std::unique_ptr<Channel> found;
        {
            std::lock_guard lock(mutex_);
            expired = take_expired();
            const auto at =
                std::find_if(idle_.rbegin(), idle_.rend(), [&](const Idle& idle) { return idle.origin == origin; });
            if (at == idle_.rend()) return nullptr;
            found = std::move(at->channel);
            idle_.erase(std::prev(at.base()));
        }
        if (found->is_quiet()) return found;
    }
}

void ConnectionPool::give(const std::string& origin, std::unique_ptr<Channel> channel) {
    std::list<Idle> closed;
    std::lock_guard lock(mutex_);
    closed = take_expired();
    const auto same = [&](const Idle& idle) { return idle.origin == origin; };
    if (std::count_if(idle_.begin(), idle_.end(), same) >= static_cast<ptrdiff_t>(per_origin_max_)) {
        closed.splice(closed.end(), idle_, std::find_if(idle_.begin(), idle_.end(), same));
    } else if (!idle_.empty() && idle_.size() >= total_max_) {
        closed.splice(closed.end(), idle_, idle_.begin());
    }
    if (per_origin_max_ == 0 || total_max_ == 0) return;
    idle_.push_back(
        {origin, std::move(channel), std::chrono::steady_clock::now() + std::chrono::milliseconds(idle_ms_max_)});
}

void ConnectionPool::clear() {
    std::list<Idle> closed;
    std::lock_guard lock(mutex_);
    closed.swap(idle_);
}

}  // namespace millrace::http
