// What we hand to clients and take back: shard iterators and page tokens. Opaque and authenticated, so that nobody
// makes one up to read what he was not given.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/named.h"

namespace millrace::service::kinesis {

struct ShardIterator {
    uint64_t log_key = 0;  // of the shard: never used again, so it names stream, incarnation and shard
    uint64_t position = 0;
    TimestampMs issued;
};

struct PageToken {
    std::string stream;  // "" for ListStreams
    uint64_t incarnation = 0;
    std::string after;  // the last name or id of the page before
    TimestampMs issued;
};

// Any thread.
class Tokens {
  public:
    explicit Tokens(std::string key) : key_(std::move(key)) {}
    std::string seal(const ShardIterator& iterator) const;
    std::string seal(const PageToken& token) const;
    // nullopt: not one of ours, or of the other kind.
    std::optional<ShardIterator> open_iterator(std::string_view text) const;
    std::optional<PageToken> open_page(std::string_view text) const;

  private:
    std::string sealed(std::string body) const;
    std::optional<std::string> opened(std::string_view text, char kind) const;
    const std::string key_;
};

}  // namespace millrace::service::kinesis
