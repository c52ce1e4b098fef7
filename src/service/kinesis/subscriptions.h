// SubscribeToShard's answers: bodies that push a shard's records for five minutes, as they come.
//
// While one waits for records it holds a worker thread, so their number is bounded (`subscriptions_max`).
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "src/http/message.h"
#include "src/io/clock.h"
#include "src/log/log.h"

namespace millrace::service::kinesis {

constexpr int64_t subscription_ms = 300'000;
constexpr int64_t subscription_again_ms = 5000;  // sooner, a second call is ResourceInUseException

class Subscription;

// The JSON of a shard's children once it is closed, nullopt before. Any thread.
using ChildrenOf = std::function<std::optional<std::string>()>;

// Any thread. `log` and `clock` outlive it and every subscription.
class Subscriptions {
  public:
    Subscriptions(log::Log& log, const io::Clock& clock) : log_(log), clock_(clock) {}

    // The body of an answer, from `from` on; ends with its shard, telling the children. One a consumer and shard: a
    // later one ends an earlier one. failed_precondition: the earlier one is not 5 s old; resource_exhausted: too many
    // in all.
    Result<std::unique_ptr<http::BodySource>> open(const std::string& consumer_arn, const std::string& shard,
                                                   log::ShardKey key, log::Position from, ChildrenOf children);
    void limit(size_t subscriptions_max) { subscriptions_max_ = subscriptions_max; }
    void end(const std::string& consumer_arn);  // of a consumer that is gone
    void end_all();                             // the server stops: no more are opened

  private:
    log::Log& log_;
    const io::Clock& clock_;
    std::atomic<size_t> subscriptions_max_{64};
    std::mutex mutex_;
    bool stopping_ = false;
    std::map<std::pair<std::string, std::string>, std::weak_ptr<Subscription>> open_;
};

}  // namespace millrace::service::kinesis
