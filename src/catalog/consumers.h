// Registered consumers: who may subscribe to a stream's shards, or be read through by a mapping. One durable entry of
// the registry each, by stream and name; those of a stream that was deleted and made again do not count, as they carry
// its incarnation.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/named.h"
#include "src/base/result.h"
#include "src/catalog/streams.h"

namespace millrace::catalog {

struct Consumer {
    std::string name;
    uint64_t incarnation = 0;  // of its stream
    TimestampMs created;
};

constexpr size_t consumers_max = 20;  // a stream, as AWS

// "arn:aws:kinesis:us-east-1:000000000000:stream/orders/consumer/app:1763720000"
std::string consumer_arn(const Stream& stream, const Consumer& consumer);
struct ConsumerArn {
    std::string stream_arn, consumer;
    int64_t created_s = 0;
};
std::optional<ConsumerArn> parse_consumer_arn(std::string_view arn);

// Any thread. `registry` outlives it.
class Consumers {
  public:
    explicit Consumers(Registry& registry) : registry_(registry) {}

    // already_exists; resource_exhausted above consumers_max. Durable on return.
    Result<Consumer> add(const Stream& stream, const std::string& name, TimestampMs now);
    Result<std::optional<Consumer>> find(const Stream& stream, std::string_view name);
    Result<std::vector<Consumer>> list(const Stream& stream);  // in order of names
    Status remove(const Stream& stream, std::string_view name);
    Status remove_all(const Stream& stream);

  private:
    Registry& registry_;
    std::mutex mutex_;
};

}  // namespace millrace::catalog
