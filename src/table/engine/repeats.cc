#include "src/table/engine/repeats.h"

#include <cstdint>

#include "src/table/engine/keys.h"

namespace millrace::table::engine {
namespace {

constexpr size_t count_bytes = 4, repeat_bytes = 12;

bool holds(std::string_view batch, const Repeat& repeat, size_t from) {
    return repeat.at >= from && repeat.size <= batch.size() && repeat.at <= batch.size() - repeat.size &&
           repeat.size <= repeat.at && repeat.source <= repeat.at - repeat.size &&
           batch.substr(repeat.at, repeat.size) == batch.substr(repeat.source, repeat.size);
}

}  // namespace

Shortened shorten(std::string_view batch, std::span<const Repeat> repeats) {
    Shortened result;
    result.parts.emplace_back();  // the head
    std::string table;
    uint32_t count = 0;
    size_t from = 0;
    if (batch.size() > UINT32_MAX) repeats = {};
    for (const Repeat& repeat : repeats) {
        if (!holds(batch, repeat, from)) continue;
        for (const size_t number : {repeat.at, repeat.source, repeat.size}) {
            append_u32(static_cast<uint32_t>(number), &table);
        }
        result.parts.push_back(batch.substr(from, repeat.at - from));
        from = repeat.at + repeat.size;
        ++count;
    }
    result.parts.push_back(batch.substr(from));
    std::string head;
    append_u32(count, &head);
    head += table;
    result.head.assign(head.begin(), head.end());
    result.parts.front() = {result.head.data(), result.head.size()};
    for (const std::string_view part : result.parts) result.bytes += part.size();
    return result;
}

Result<std::string> lengthen(std::string_view shortened, size_t bytes_max) {
    const Error damaged{ErrorCode::corruption, "a commit in the tables' log is damaged"};
    if (shortened.size() < count_bytes) return damaged;
    const uint64_t count = read_u32(shortened);
    shortened.remove_prefix(count_bytes);
    if (count > shortened.size() / repeat_bytes) return damaged;
    std::string_view bytes = shortened.substr(count * repeat_bytes);
    std::string batch;
    for (uint64_t i = 0; i < count; ++i) {
        const std::string_view entry = shortened.substr(i * repeat_bytes);
        const size_t at = read_u32(entry), source = read_u32(entry.substr(4)), size = read_u32(entry.substr(8));
        if (at < batch.size() || at - batch.size() > bytes.size()) return damaged;
        const size_t between = at - batch.size();
        batch.append(bytes.substr(0, between));
        bytes.remove_prefix(between);
        if (size > at || source > at - size || size > bytes_max - std::min(bytes_max, at)) return damaged;
        batch.reserve(at + size);  // what is appended lies in the same string
        batch.append(batch.data() + source, size);
    }
    if (bytes.size() > bytes_max - std::min(bytes_max, batch.size())) return damaged;
    batch.append(bytes);
    return batch;
}

}  // namespace millrace::table::engine
