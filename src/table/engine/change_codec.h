// A change record's bytes, version 1, and the parts of one that a table's writer hands over.
//
//   record = 0x01 kind:u8 flags:u8 time:u64 counted:u64 keys_bytes:u32 keys old_bytes:u32 old new
//   flags    bit 0: by TTL; bit 1: `old` is there; bit 2: `new` is there.     Integers are big-endian; items as
//   item_codec.h
#pragma once

#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/table/tables.h"

namespace millrace::table::engine {

struct ChangeRecord {
    ChangeKind kind = ChangeKind::modify;
    TimestampMs time;
    bool by_ttl = false;
    std::string_view keys;                      // an encoded item
    std::optional<std::string_view> old_image;  // as the view keeps them
    std::optional<std::string_view> new_image;
    size_t counted = 0;  // keys and images
};

// All but the new image's bytes, which come last: so that they need not be copied once more.
void append_change_head(const ChangeRecord& record, std::string* out);
// Views into `bytes`. corruption.
Result<ChangeRecord> parse_change(std::string_view bytes);
Result<Change> decode_change(uint64_t sequence, std::string_view bytes);

}  // namespace millrace::table::engine
