#include "src/table/engine/item_cache.h"

namespace millrace::table::engine {
namespace {

constexpr size_t item_bytes_usual = 512;        // so many entries are made as fit at this size
constexpr size_t item_bytes_cached = 16 << 10;  // larger ones cost more to encode than to find

}  // namespace

ItemCache::ItemCache(size_t bytes_max) : shard_bytes_max_(bytes_max / shards_max) {
    const size_t sets = shard_bytes_max_ / (ways * item_bytes_usual);
    for (Shard& shard : shards_) shard.sets.resize(sets);
}

ItemCache::Entry* ItemCache::entry_of(Set& set, std::string_view key, uint64_t hash) {
    for (Entry& entry : set.entries) {
        if (entry.used && entry.hash == hash && entry.key == key) return &entry;
    }
    return nullptr;
}

bool ItemCache::find(std::string_view key, uint64_t hash, uint64_t view_commit, std::optional<StoredItem>* item) {
    Shard& shard = shard_of(hash);
    const std::lock_guard lock(shard.mutex);
    if (shard.sets.empty()) return false;
    const Entry* entry = entry_of(set_of(shard, hash), key, hash);
    if (entry == nullptr || entry->commit > view_commit) return false;
    *item = entry->item;
    return true;
}

void ItemCache::written(std::string_view key, uint64_t hash, uint64_t commit, const std::optional<StoredItem>& item) {
    Shard& shard = shard_of(hash);
    const std::lock_guard lock(shard.mutex);
    if (shard.sets.empty()) return;
    Set& set = set_of(shard, hash);
    set.newest = commit;
    take_in(shard, set, entry_of(set, key, hash), key, hash, commit, item);
}

void ItemCache::read(std::string_view key, uint64_t hash, uint64_t view_commit, const std::optional<StoredItem>& item) {
    Shard& shard = shard_of(hash);
    const std::lock_guard lock(shard.mutex);
    if (shard.sets.empty()) return;
    Set& set = set_of(shard, hash);
    if (set.newest > view_commit || entry_of(set, key, hash) != nullptr) return;
    // Durable since that commit at the latest: any later view may take it, too.
    take_in(shard, set, nullptr, key, hash, view_commit, item);
}

// `entry`: what there is of the key; null: the set's next entry makes room.
void ItemCache::take_in(Shard& shard, Set& set, Entry* entry, std::string_view key, uint64_t hash, uint64_t commit,
                        const std::optional<StoredItem>& item) {
    if (entry == nullptr) entry = &set.entries[set.next++ % ways];
    if (entry->used) shard.bytes -= entry->bytes();
    entry->used = false;
    entry->item.reset();
    if (item && item->bytes().size() > item_bytes_cached) return;
    entry->used = true;
    entry->hash = hash;
    entry->commit = commit;
    entry->key.assign(key);
    entry->item = item;
    shard.bytes += entry->bytes();
    while (shard.bytes > shard_bytes_max_) {
        for (Entry& old : shard.sets[shard.hand].entries) {
            if (old.used) shard.bytes -= old.bytes();
            old.used = false;
            old.item.reset();
        }
        shard.hand = (shard.hand + 1) % shard.sets.size();
    }
}

}  // namespace millrace::table::engine
