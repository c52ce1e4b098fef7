// Shard iterators: opaque to clients and signed, so that nobody makes one up to read what he was not given.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/named.h"

namespace millrace::service::dynamodbstreams {

constexpr int64_t iterator_lifetime_ms = 15 * 60 * 1000;

struct Iterator {
    std::string stream_arn;
    uint64_t stream_id = 0;  // of the engine: another one where a label was used again
    uint32_t shard = 0;
    uint64_t sequence = 0;  // the first to read
    TimestampMs issued;
    bool operator==(const Iterator&) const = default;
};

// Any thread.
class Iterators {
  public:
    explicit Iterators(std::string key) : key_(std::move(key)) {}
    // As AWS's begin: "ARN|1|base64".
    std::string seal(const Iterator& iterator) const;
    std::optional<Iterator> open(std::string_view text) const;  // nullopt: not one of ours

  private:
    const std::string key_;
};

}  // namespace millrace::service::dynamodbstreams
