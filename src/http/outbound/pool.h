// Connections that wait for the next call to their origin. Bounded; what is too old is closed by the next that comes
// by.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>

#include "src/http/outbound/channel.h"

namespace millrace::http {

class ConnectionPool {
  public:
    ConnectionPool(uint32_t total_max, uint32_t per_origin_max, uint32_t idle_ms_max)
        : total_max_(total_max), per_origin_max_(per_origin_max), idle_ms_max_(idle_ms_max) {}

    // The one used last, if it is still quiet; null where there is none. Any thread.
    std::unique_ptr<Channel> take(const std::string& origin);
    void give(const std::string& origin, std::unique_ptr<Channel> channel);
    void clear();

  private:
    struct Idle {
        std::string origin;
        std::unique_ptr<Channel> channel;
        std::chrono::steady_clock::time_point until;
    };
    std::list<Idle> take_expired();  // locked

    const uint32_t total_max_, per_origin_max_, idle_ms_max_;
    std::mutex mutex_;
    std::list<Idle> idle_;  // the oldest first
};

}  // namespace millrace::http
