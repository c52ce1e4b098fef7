// Where each shard's runs lie in one segment. Kept in memory for the segment being written; written beside a sealed
// segment as NAME.idx, which is checksummed and only ever a copy: missing or damaged, it is made again by a scan.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/base/named.h"

namespace millrace::log {

// Consecutive runs of one shard in one commit: `bytes` from `offset` in the file hold whole runs and nothing else.
struct IndexEntry {
    uint32_t offset = 0;
    uint32_t bytes = 0;
    uint32_t records = 0;
    uint32_t after_first_ms = 0;  // the commit's time, counted from the segment's first; saturates
};

// Bytes that no longer say what they held: [begin, end) in the file.
struct CorruptRange {
    uint32_t begin = 0;
    uint32_t end = 0;
};

struct SegmentIndex {
    uint64_t base = 0;
    uint64_t salt = 0;        // the segment's: an index of an earlier use of the name does not fit
    uint64_t last_block = 0;  // position of the last commit; 0 where there is none
    uint32_t end = 0;         // offset after the last commit
    int64_t first_time_ms = 0;
    int64_t last_time_ms = 0;
    size_t entry_count = 0;
    std::unordered_map<uint64_t, std::vector<IndexEntry>> shards;
    std::vector<CorruptRange> corrupt;

    bool empty() const { return last_block == 0; }
    void add(uint64_t shard, IndexEntry entry);
    uint32_t time_to_offset_ms(int64_t time_ms) const;  // as IndexEntry::after_first_ms
    int64_t time_of(const IndexEntry& entry) const { return first_time_ms + entry.after_first_ms; }
    size_t memory_bytes() const { return sizeof *this + shards.size() * 96 + entry_count * 2 * sizeof(IndexEntry); }
};

std::string encode(const SegmentIndex& index);
// nullopt where the bytes are not a whole, undamaged index of that segment.
std::optional<SegmentIndex> decode_segment_index(std::string_view bytes, uint64_t base, uint64_t salt);

}  // namespace millrace::log
