// Which records a source has sent already: a durable set of keys that forgets by time and by number.
//
// In the ordered store, ID being the source's in 16 hexadecimal digits, TIME and COUNT 8 bytes, big-endian, and KEY the
// first 16 bytes of the SHA-256 of the record's key:
//
//   source/seen/ID/k/KEY        -> TIME     until when it is remembered, in ms since 1970
//   source/seen/ID/t/TIME KEY   -> ""       the same, in order of time
//   source/seen/ID/n            -> COUNT    of keys
//
// A key that is seen again has its time renewed once half of it is gone: one that keeps coming is never forgotten, and
// costs a write every half of the time, not every poll. Forgetting walks the second list from where it last was: its
// cost is that of what is forgotten.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/named.h"
#include "src/base/result.h"
#include "src/table/key_value_store.h"

namespace millrace::source {

using SeenKey = std::array<char, 16>;
SeenKey seen_key(std::string_view key);

struct Sight {
    SeenKey key;
    std::optional<int64_t> until_ms;  // as stored; absent: not there
    bool is_new = true;               // not there, or its time is over
};

// One thread at a time. `store` outlives it.
class Seen {
  public:
    // io, corruption.
    static Result<Seen> open(table::KeyValueStore& store, uint64_t source_id, uint64_t remember_ms, uint64_t keys_max);

    Result<std::vector<Sight>> look(std::span<const SeenKey> keys, TimestampMs now) const;
    // Adds to the batch: that these (no key twice) are seen now, and that what is over its time or over the number is
    // forgotten, as many of each as are added and 10,000 more. `written` is called once the batch is in the store.
    Status remember(std::span<const Sight> sights, TimestampMs now, table::WriteBatch* batch);
    void written() { count_ = next_count_; }
    uint64_t count() const { return count_; }

    // Erases all of a source, a batch at a time.
    static Status forget(table::KeyValueStore& store, uint64_t source_id);
    // The sources of whom something is kept.
    static Result<std::vector<uint64_t>> ids(table::KeyValueStore& store);

  private:
    Seen(table::KeyValueStore& store, std::string prefix, uint64_t remember_ms, uint64_t keys_max)
        : store_(&store), prefix_(std::move(prefix)), remember_ms_(remember_ms), keys_max_(keys_max) {}
    std::string by_key(const SeenKey& key) const;
    std::string by_time(int64_t until_ms, const SeenKey& key) const;
    Result<std::vector<SeenKey>> forget_oldest(TimestampMs now, std::span<const Sight> sights,
                                               table::WriteBatch* batch);

    table::KeyValueStore* store_;
    std::string prefix_;
    uint64_t remember_ms_, keys_max_;
    uint64_t count_ = 0, next_count_ = 0;
    std::string forgotten_to_;  // nothing is left in the list of times before it
};

}  // namespace millrace::source
