// Items that were written or read a moment ago, whole: what hot keys are answered from without a search in RocksDB.
//
// An entry says what is durably stored under its key since `commit`, and is the newest that the cache was told. Whoever
// has a View of that commit or a later one may take it for the view's: the committer tells the cache of a commit before
// it shows the view, so a reader of an older view finds an entry too new for it and looks in its snapshot.
//
// What was read is taken in only where no later commit wrote into the same set: the reader's view may be an old one.
//
// Sets of four, by the key's hash; bounded by bytes. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/table/tables.h"

namespace millrace::table::engine {

class ItemCache {
  public:
    explicit ItemCache(size_t bytes_max);  // too little for one set: keeps nothing

    // Whether it is known what `key` has as of `view_commit`; nullopt in *item: nothing.
    bool find(std::string_view key, uint64_t hash, uint64_t view_commit, std::optional<StoredItem>* item);
    // The committer, before it shows `commit`.
    void written(std::string_view key, uint64_t hash, uint64_t commit, const std::optional<StoredItem>& item);
    void read(std::string_view key, uint64_t hash, uint64_t view_commit, const std::optional<StoredItem>& item);

  private:
    static constexpr size_t ways = 4;
    static constexpr size_t shards_max = 16;
    struct Entry {
        bool used = false;
        uint64_t hash = 0;
        uint64_t commit = 0;
        std::string key;
        std::optional<StoredItem> item;
        size_t bytes() const { return key.size() + (item ? item->bytes().size() : 0); }
    };
    struct Set {
        std::array<Entry, ways> entries;
        uint64_t newest = 0;  // commit that wrote a key of this set
        uint8_t next = 0;     // to be replaced
    };
    struct Shard {
        std::mutex mutex;
        std::vector<Set> sets;
        size_t bytes = 0;
        size_t hand = 0;  // the next set to be emptied where there is too much
    };
    Shard& shard_of(uint64_t hash) { return shards_[hash % shards_max]; }
    static Set& set_of(Shard& shard, uint64_t hash) { return shard.sets[(hash / shards_max) % shard.sets.size()]; }
    static Entry* entry_of(Set& set, std::string_view key, uint64_t hash);
    void take_in(Shard& shard, Set& set, Entry* entry, std::string_view key, uint64_t hash, uint64_t commit,
                 const std::optional<StoredItem>& item);

    size_t shard_bytes_max_ = 0;
    std::array<Shard, shards_max> shards_;
};

}  // namespace millrace::table::engine
