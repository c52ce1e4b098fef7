// How a stream's hash space is divided among its shards, and divided anew: what a split, a merge or a new number of
// shards makes of a list of shards. Plain values: nothing is stored here and nothing written.
// https://docs.aws.amazon.com/streams/latest/dev/kinesis-using-sdk-java-resharding.html
#pragma once

#include <vector>

#include "src/catalog/streams.h"

namespace millrace::service::kinesis {

// The shards of a stream with what is to be changed. New shards have no log key yet; those that are split or merged
// away are marked `closing`. A new shard may be closing too: an intermediate one, which never takes a record.
class Division {
  public:
    Division(std::vector<catalog::Shard> shards, TimestampMs now);

    const std::vector<catalog::Shard>& shards() const { return shards_; }
    std::vector<catalog::Shard> take() { return std::move(shards_); }
    size_t first_new() const { return first_new_; }  // those from here on are new

    // Indexes of the shards that take records, by hash range.
    std::vector<size_t> open() const;
    // `at` becomes the first key of the second half: hash_first < at <= hash_last.
    void split(size_t shard, catalog::HashKey at);
    // Two open neighbours, in either order.
    void merge(size_t one, size_t other);
    // Splits and merges until the open shards are `count` of equal size.
    void even_out(uint32_t count);

  private:
    size_t add(catalog::HashKey first, catalog::HashKey last, std::string parent, std::string adjacent);

    std::vector<catalog::Shard> shards_;
    const size_t first_new_;
    const TimestampMs now_;
};

bool are_neighbours(const catalog::Shard& one, const catalog::Shard& other);

}  // namespace millrace::service::kinesis
