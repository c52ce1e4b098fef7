// Items to an API destination: tokens, the destination's rate, the requests. Blocks: one of the executor's threads.
#pragma once

#include <map>
#include <mutex>
#include <span>
#include <string>

#include "src/target/target.h"

namespace millrace::http {
class Outbound;
}
namespace millrace::io {
class Clock;
}

namespace millrace::target {

struct Connection;
struct ApiDestination;
struct Token;

class ApiCalls {
  public:
    ApiCalls(uint32_t http_ms_max, catalog::Registry& registry, http::Outbound& outbound, const io::Clock& clock)
        : http_ms_max_(http_ms_max), registry_(registry), outbound_(outbound), clock_(clock) {}

    // One after the other, as the destination's rate lets them. Items over the rate are not tried (Outcome::attempted).
    // Any thread, several at once.
    void send(const Target& target, std::span<const Item> items, std::span<Outcome> outcomes);

  private:
    struct Kept {
        std::string text;
        int64_t until_ns = 0;
        int64_t of_version = 0;  // of the connection: its time of change
    };
    struct Rate {
        double tokens = 0;
        int64_t at_ns = 0;
    };
    static constexpr size_t kept_max = 10'000;  // of each map: beyond, it is emptied

    Outcome send_one(const ApiDestination& destination, const Connection& connection, const Target& target,
                     const Item& item);
    // Milliseconds to wait for one more request; 0: it may go now.
    int64_t wait_for_rate(const std::string& arn, int per_second_max);
    Result<std::string> token_of(const Connection& connection, bool anew);

    const uint32_t http_ms_max_;
    catalog::Registry& registry_;
    http::Outbound& outbound_;
    const io::Clock& clock_;
    std::mutex mutex_;
    std::map<std::string, Kept> tokens_;  // by the connection's ARN
    std::map<std::string, Rate> rates_;   // by the destination's
};

}  // namespace millrace::target
