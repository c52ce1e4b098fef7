#include "src/table/engine/change_codec.h"

#include "src/table/engine/keys.h"
#include "src/table/value/item_codec.h"

namespace millrace::table::engine {
namespace {

constexpr char version = 1;
constexpr uint8_t flag_ttl = 1, flag_old = 2, flag_new = 4;
constexpr size_t fixed_bytes = 3 + 8 + 8;

bool take_sized(std::string_view* in, std::string_view* out) {
    if (in->size() < 4) return false;
    const size_t size = read_u32(*in);
    in->remove_prefix(4);
    if (size > in->size()) return false;
    *out = in->substr(0, size);
    in->remove_prefix(size);
    return true;
}

}  // namespace

void append_change_head(const ChangeRecord& record, std::string* out) {
    out->push_back(version);
    out->push_back(static_cast<char>(record.kind));
    out->push_back(static_cast<char>((record.by_ttl ? flag_ttl : 0) | (record.old_image ? flag_old : 0) |
                                     (record.new_image ? flag_new : 0)));
    append_u64(static_cast<uint64_t>(record.time.value()), out);
    append_u64(record.counted, out);
    append_u32(static_cast<uint32_t>(record.keys.size()), out);
    out->append(record.keys);
    const std::string_view old = record.old_image.value_or(std::string_view());
    append_u32(static_cast<uint32_t>(old.size()), out);
    out->append(old);
}

Result<ChangeRecord> parse_change(std::string_view bytes) {
    const Error damaged{ErrorCode::corruption, "a change record is damaged"};
    if (bytes.size() < fixed_bytes || bytes[0] != version || static_cast<uint8_t>(bytes[1]) > 2) return damaged;
    ChangeRecord record;
    record.kind = static_cast<ChangeKind>(bytes[1]);
    const auto flags = static_cast<uint8_t>(bytes[2]);
    record.by_ttl = (flags & flag_ttl) != 0;
    record.time = TimestampMs(static_cast<int64_t>(read_u64(bytes.substr(3))));
    record.counted = read_u64(bytes.substr(11));
    bytes.remove_prefix(fixed_bytes);
    std::string_view old;
    if (!take_sized(&bytes, &record.keys) || !take_sized(&bytes, &old)) return damaged;
    if ((flags & flag_old) != 0) record.old_image = old;
    if ((flags & flag_new) != 0) record.new_image = bytes;
    return record;
}

Result<Change> decode_change(uint64_t sequence, std::string_view bytes) {
    TRY_ASSIGN(const ChangeRecord record, parse_change(bytes));
    Change change;
    change.sequence = ChangeSequence(sequence);
    change.kind = record.kind;
    change.time = record.time;
    change.by_ttl = record.by_ttl;
    TRY_ASSIGN(change.keys, decode_item(record.keys));
    if (record.old_image) change.old_image = StoredItem(std::string(*record.old_image));
    if (record.new_image) change.new_image = StoredItem(std::string(*record.new_image));
    change.bytes = record.counted;
    return change;
}

}  // namespace millrace::table::engine
