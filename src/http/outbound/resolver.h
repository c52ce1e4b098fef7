// Looks names up, without being held up by a resolver that does not answer: getaddrinfo has no time limit, so it runs
// on a thread of its own, which is left behind when the time is over.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <sys/socket.h>

#include "src/base/result.h"
#include "src/http/outbound/policy.h"
#include "src/http/outbound/time_left.h"

namespace millrace::http {

struct ResolvedAddress {
    sockaddr_storage address{};
    socklen_t size = 0;
    IpAddress ip;
};

class Resolver {
  public:
    explicit Resolver(uint32_t lookups_max) : lookups_max_(lookups_max) {}
    // At least one address. unavailable: no such name, or `lookups_max` look-ups are under way; deadline_exceeded;
    // cancelled once `stop` is readable. Any thread.
    Result<std::vector<ResolvedAddress>> look_up(const std::string& host, uint16_t port, int stop,
                                                 const TimeLeft& time);

  private:
    const uint32_t lookups_max_;
    // Shared with threads that were left behind.
    std::shared_ptr<std::atomic<uint32_t>> under_way_ = std::make_shared<std::atomic<uint32_t>>(0);
};

}  // namespace millrace::http
