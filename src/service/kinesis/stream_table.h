// Every stream, in memory, over the registry that keeps them: what a put looks up on an I/O thread must not wait for
// a disk. Changes go to the registry first.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "src/catalog/registry.h"
#include "src/catalog/streams.h"

namespace millrace::service::kinesis {

// A stream as it was at some moment, with what routing and answering need made ready. Immutable.
struct LiveStream {
    explicit LiveStream(catalog::Stream stream);

    catalog::Stream stream;
    std::string arn;
    std::vector<uint32_t> open;             // indexes into stream.shards of those that take records, by hash range
    std::vector<std::string> answer_tails;  // by shard: what follows the sequence number in PutRecords' answer

    // The index of the open shard that owns a place in the hash space.
    uint32_t route(catalog::HashKey key) const;
};
using StreamPointer = std::shared_ptr<const LiveStream>;

// Any thread; lookups do no I/O.
class StreamTable {
  public:
    explicit StreamTable(catalog::Registry& registry) : registry_(registry) {}
    // Reads all streams. Returns those whose deletion was interrupted; they are not in the table.
    Result<std::vector<catalog::Stream>> load();

    StreamPointer find(const Scope& scope, std::string_view name) const;  // null where absent
    // By the log's key of a shard; null where absent. *shard becomes its index.
    StreamPointer find_shard(uint64_t log_key, uint32_t* shard) const;
    // In order of names, strictly after `after`.
    std::vector<StreamPointer> list(const Scope& scope, std::string_view after, size_t limit) const;
    std::vector<StreamPointer> all() const;

    Status create(catalog::Stream stream);  // already_exists
    // Replaces; the caller holds edit_mutex() since it read what it changes.
    Status replace(catalog::Stream stream);
    // replace() with a definition that no longer has the shard.
    Status forget_shard(catalog::Stream stream, uint64_t log_key);
    // Marks it as deleting, durably, and takes it out of the table; forget() ends it once its records are dropped.
    Status begin_removal(const LiveStream& live);
    Status forget(const catalog::Stream& stream);
    // Whether nobody holds an earlier state of the stream any more: every put that was routed by one has been answered.
    bool settled(const catalog::Stream& stream);
    std::mutex& edit_mutex() { return edit_mutex_; }

  private:
    using Key = std::tuple<std::string, std::string, std::string>;  // account, region, name
    void insert(catalog::Stream stream);

    catalog::Registry& registry_;
    std::mutex edit_mutex_;
    mutable std::shared_mutex mutex_;
    std::map<Key, StreamPointer, std::less<>> streams_;
    std::vector<std::pair<uint64_t, std::weak_ptr<const LiveStream>>>
        replaced_;  // by incarnation; while somebody holds it
    std::unordered_map<uint64_t, std::pair<StreamPointer, uint32_t>> shards_;
};

}  // namespace millrace::service::kinesis
