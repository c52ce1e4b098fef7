#include "src/log/segment_index.h"

#include <algorithm>
#include <cstring>

#include "src/base/checksum.h"
#include "src/log/format.h"

namespace millrace::log {
namespace {

constexpr char index_magic[8] = {'M', 'R', 'L', 'O', 'G', 'I', 'D', 'X'};
constexpr size_t header_bytes = 80;
constexpr size_t shard_bytes = 16;
constexpr size_t entry_bytes = 16;
constexpr size_t range_bytes = 8;

}  // namespace

void SegmentIndex::add(uint64_t shard, IndexEntry entry) {
    shards[shard].push_back(entry);
    ++entry_count;
}

uint32_t SegmentIndex::time_to_offset_ms(int64_t time_ms) const {
    return static_cast<uint32_t>(std::clamp<int64_t>(time_ms - first_time_ms, 0, UINT32_MAX));
}

// magic 8 | version 4 | flags 4 | base 8 | salt 8 | last block 8 | first time 8 | last time 8 | end 4 | shards 4 |
// entries 4 | corrupt ranges 4 | reserved 8 | then shards by key (key 8, first entry 4, entries 4), entries (offset 4,
// bytes 4, records 4, time 4), corrupt ranges (begin 4, end 4) | crc32c of all before 4
std::string encode(const SegmentIndex& index) {
    std::vector<uint64_t> keys;
    keys.reserve(index.shards.size());
    for (const auto& [key, entries] : index.shards) keys.push_back(key);
    std::sort(keys.begin(), keys.end());
    std::string out(header_bytes + keys.size() * shard_bytes + index.entry_count * entry_bytes +
                        index.corrupt.size() * range_bytes + 4,
                    '\0');
    char* at = out.data();
    std::memcpy(at, index_magic, 8);
    put_integer<uint32_t>(at + 8, format_version);
    put_integer<uint64_t>(at + 16, index.base);
    put_integer<uint64_t>(at + 24, index.salt);
    put_integer<uint64_t>(at + 32, index.last_block);
    put_integer<int64_t>(at + 40, index.first_time_ms);
    put_integer<int64_t>(at + 48, index.last_time_ms);
    put_integer<uint32_t>(at + 56, index.end);
    put_integer<uint32_t>(at + 60, static_cast<uint32_t>(keys.size()));
    put_integer<uint32_t>(at + 64, static_cast<uint32_t>(index.entry_count));
    put_integer<uint32_t>(at + 68, static_cast<uint32_t>(index.corrupt.size()));
    at += header_bytes;
    uint32_t first = 0;
    for (const uint64_t key : keys) {
        const auto count = static_cast<uint32_t>(index.shards.at(key).size());
        put_integer<uint64_t>(at, key);
        put_integer<uint32_t>(at + 8, first);
        put_integer<uint32_t>(at + 12, count);
        first += count;
        at += shard_bytes;
    }
    for (const uint64_t key : keys) {
        const auto& entries = index.shards.at(key);
        std::memcpy(at, entries.data(), entries.size() * entry_bytes);
        at += entries.size() * entry_bytes;
    }
    for (const CorruptRange& range : index.corrupt) {
        put_integer<uint32_t>(at, range.begin);
        put_integer<uint32_t>(at + 4, range.end);
        at += range_bytes;
    }
    put_integer<uint32_t>(at, crc32c(0, std::string_view(out).substr(0, out.size() - 4)));
    return out;
}

std::optional<SegmentIndex> decode_segment_index(std::string_view bytes, uint64_t base, uint64_t salt) {
    static_assert(sizeof(IndexEntry) == entry_bytes);
    if (bytes.size() < header_bytes + 4 || std::memcmp(bytes.data(), index_magic, 8) != 0) return std::nullopt;
    const auto whole = bytes.substr(0, bytes.size() - 4);
    if (get_integer<uint32_t>(bytes.data() + whole.size()) != crc32c(0, whole)) return std::nullopt;
    const char* at = bytes.data();
    if (get_integer<uint32_t>(at + 8) != format_version || get_integer<uint32_t>(at + 12) != 0) return std::nullopt;
    SegmentIndex index;
    index.base = get_integer<uint64_t>(at + 16);
    index.salt = get_integer<uint64_t>(at + 24);
    if (index.base != base || index.salt != salt) return std::nullopt;
    index.last_block = get_integer<uint64_t>(at + 32);
    index.first_time_ms = get_integer<int64_t>(at + 40);
    index.last_time_ms = get_integer<int64_t>(at + 48);
    index.end = get_integer<uint32_t>(at + 56);
    const uint64_t shard_count = get_integer<uint32_t>(at + 60);
    const uint64_t entry_count = get_integer<uint32_t>(at + 64);
    const uint64_t range_count = get_integer<uint32_t>(at + 68);
    if (whole.size() !=
        header_bytes + shard_count * shard_bytes + entry_count * entry_bytes + range_count * range_bytes) {
        return std::nullopt;
    }
    const char* const shards_at = at + header_bytes;
    const char* const entries_at = shards_at + shard_count * shard_bytes;
    const char* const ranges_at = entries_at + entry_count * entry_bytes;
    for (uint64_t i = 0; i < shard_count; ++i) {
        const char* one = shards_at + i * shard_bytes;
        const uint64_t first = get_integer<uint32_t>(one + 8);
        const uint64_t count = get_integer<uint32_t>(one + 12);
        if (first + count > entry_count) return std::nullopt;
        auto& entries = index.shards[get_integer<uint64_t>(one)];
        entries.resize(count);
        if (count > 0) std::memcpy(entries.data(), entries_at + first * entry_bytes, count * entry_bytes);
    }
    index.entry_count = entry_count;
    for (uint64_t i = 0; i < range_count; ++i) {
        const char* one = ranges_at + i * range_bytes;
        index.corrupt.push_back({get_integer<uint32_t>(one), get_integer<uint32_t>(one + 4)});
    }
    return index;
}

}  // namespace millrace::log
