#include "src/table/engine/range.h"

#include <algorithm>

#include "src/table/value/item_codec.h"

namespace millrace::table::engine {
namespace {

constexpr size_t key_attribute_bytes_max = 2048;

std::string with_key(std::string prefix, const AttributeValue& value) {
    append_key_value(value, &prefix);
    return prefix;
}

// The greatest key that begins with `prefix`: what sorts after all of them.
AttributeValue greatest_with(const AttributeValue& prefix) {
    AttributeValue greatest = prefix;
    if (auto* text = greatest.as<std::string>()) text->append(key_attribute_bytes_max, '\xff');
    if (auto* binary = greatest.as<Binary>()) binary->bytes.append(key_attribute_bytes_max, '\xff');
    return greatest;
}

}  // namespace

KeyRange range_of(uint32_t id, const KeyCondition& condition) {
    std::string around = partition_prefix(id, condition.partition, condition.more_partition);
    for (const AttributeValue& value : condition.sort_equal) append_key_value(value, &around);
    KeyRange range{around, successor(around)};
    if (!condition.sort) return range;
    const SortKeyRange& sort = *condition.sort;
    // In an index more follows a sort key: "after this value" is after all keys that begin with it.
    if (sort.low) {
        const std::string low = with_key(around, *sort.low);
        range.begin = sort.low_open ? successor(low) : low;
    }
    if (sort.high) {
        const std::string high = with_key(around, *sort.high);
        range.end = sort.high_open ? high : successor(high);
    }
    if (sort.prefix) {
        range.begin = std::max(range.begin, with_key(around, *sort.prefix));
        const std::string end = successor(with_key(around, greatest_with(*sort.prefix)));
        if (range.end.empty() || end < range.end) range.end = end;
    }
    return range;
}

KeyRange range_of_segment(uint32_t id, uint32_t segment, uint32_t segments) {
    const auto hash_at = [&](uint64_t part) { return static_cast<uint32_t>((part << 32) / segments); };
    KeyRange range{hash_prefix(id, hash_at(segment)), {}};
    range.end = segment + 1 == segments ? successor(id_prefix(id)) : hash_prefix(id, hash_at(segment + 1));
    return range;
}

void start_after(KeyRange* range, const std::string& key, bool forward) {
    if (forward) {
        range->begin = std::max(range->begin, key + '\0');
    } else if (range->end.empty() || key < range->end) {
        range->end = key;
    }
}

}  // namespace millrace::table::engine
