#include "src/service/kinesis/division.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "src/service/kinesis/hash_key.h"

namespace millrace::service::kinesis {
namespace {

constexpr std::string_view id_prefix = "shardId-";

uint64_t number_of(const catalog::Shard& shard) {
    uint64_t number = 0;
    const std::string& id = shard.id;
    std::from_chars(id.data() + std::min(id_prefix.size(), id.size()), id.data() + id.size(), number);
    return number;
}

}  // namespace

Division::Division(std::vector<catalog::Shard> shards, TimestampMs now)
    : shards_(std::move(shards)), first_new_(shards_.size()), now_(now) {}

std::vector<size_t> Division::open() const {
    std::vector<size_t> found;
    for (size_t i = 0; i < shards_.size(); ++i) {
        if (shards_[i].takes_records()) found.push_back(i);
    }
    std::sort(found.begin(), found.end(),
              [&](size_t a, size_t b) { return shards_[a].hash_first < shards_[b].hash_first; });
    return found;
}

// Ids rise, and the newest shard always is there: one that expires has children.
size_t Division::add(HashKey first, HashKey last, std::string parent, std::string adjacent) {
    const uint64_t number = shards_.empty() ? 0 : number_of(shards_.back()) + 1;
    char id[40];
    std::snprintf(id, sizeof id, "shardId-%012llu", static_cast<unsigned long long>(number));
    catalog::Shard& shard = shards_.emplace_back();
    shard.id = id;
    shard.hash_first = first;
    shard.hash_last = last;
    shard.parent_id = std::move(parent);
    shard.adjacent_parent_id = std::move(adjacent);
    shard.created = now_;
    return shards_.size() - 1;
}

void Division::split(size_t shard, HashKey at) {
    shards_[shard].closing = true;
    const catalog::Shard parent = shards_[shard];
    add(parent.hash_first, key_before(at), parent.id, "");
    add(at, parent.hash_last, parent.id, "");
}

void Division::merge(size_t one, size_t other) {
    shards_[one].closing = shards_[other].closing = true;
    const catalog::Shard first = shards_[one];
    const catalog::Shard second = shards_[other];
    add(std::min(first.hash_first, second.hash_first), std::max(first.hash_last, second.hash_last), first.id,
        second.id);
}

// One pass that cuts at every boundary of the new ranges, and one that joins what lies in the same of them.
void Division::even_out(uint32_t count) {
    const auto ranges = split_evenly(count);
    std::vector<size_t> pieces;
    auto range = ranges.begin();
    for (size_t piece : open()) {
        while (range != ranges.end() && range->first <= shards_[piece].hash_first) ++range;
        for (; range != ranges.end() && range->first <= shards_[piece].hash_last; ++range) {
            split(piece, range->first);
            pieces.push_back(shards_.size() - 2);
            piece = shards_.size() - 1;
        }
        pieces.push_back(piece);
    }
    range = ranges.begin();
    for (size_t i = 0; i < pieces.size(); ++range) {
        size_t joined = pieces[i++];
        for (; i < pieces.size() && shards_[pieces[i]].hash_last <= range->second; ++i) {
            merge(joined, pieces[i]);
            joined = shards_.size() - 1;
        }
    }
}

bool are_neighbours(const catalog::Shard& one, const catalog::Shard& other) {
    const catalog::Shard& low = one.hash_first < other.hash_first ? one : other;
    const catalog::Shard& high = &low == &one ? other : one;
    return low.hash_last < high.hash_first && key_before(high.hash_first) == low.hash_last;
}

}  // namespace millrace::service::kinesis
