#include "src/table/change_names.h"

#include <charconv>
#include <cstdio>

#include "src/base/bytes.h"
#include "src/base/checksum.h"

namespace millrace::table {

std::string shard_id(const ChangeStream& stream, uint32_t shard) {
    char text[48];
    std::snprintf(text, sizeof text, "shardId-%020lld-%08llx", static_cast<long long>(stream.created.value()),
                  static_cast<unsigned long long>((stream.id << 8 | shard) & 0xffffffff));
    return text;
}

std::optional<uint32_t> find_shard(const ChangeStream& stream, std::string_view id) {
    for (uint32_t shard = 0; shard < change_shards; ++shard) {
        if (shard_id(stream, shard) == id) return shard;
    }
    return std::nullopt;
}

std::string sequence_text(ChangeSequence sequence) {
    char text[32];
    std::snprintf(text, sizeof text, "1%020llu", static_cast<unsigned long long>(sequence.value()));
    return text;
}

std::optional<ChangeSequence> parse_sequence(std::string_view text) {
    if (text.size() != 21 || text[0] != '1') return std::nullopt;
    uint64_t sequence = 0;
    const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), sequence);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return ChangeSequence(sequence);
}

std::string event_id(uint64_t stream_id, ChangeSequence sequence) {
    return hex_encode(md5(std::to_string(stream_id) + "/" + std::to_string(sequence.value())));
}

std::string_view event_name(ChangeKind kind) {
    switch (kind) {
        case ChangeKind::insert:
            return "INSERT";
        case ChangeKind::modify:
            return "MODIFY";
        case ChangeKind::remove:
            break;
    }
    return "REMOVE";
}

std::string_view view_name(StreamView view) {
    switch (view) {
        case StreamView::keys_only:
            return "KEYS_ONLY";
        case StreamView::new_image:
            return "NEW_IMAGE";
        case StreamView::old_image:
            return "OLD_IMAGE";
        case StreamView::new_and_old_images:
            break;
    }
    return "NEW_AND_OLD_IMAGES";
}

}  // namespace millrace::table
