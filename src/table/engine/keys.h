// Where everything lies in the store: five column families, and the keys in each. Integers are big-endian, so that the
// order of bytes is theirs; `key` is item_codec.h's append_key_value, no encoding of which is a prefix of another.
//
//   items    data_id:u32 place                      the item's bytes (item_codec.h)
//            place = hash:u32 partition:key [sort:key]      hash: of the partition key's bytes
//   indexes  index_id:u32 hash:u32 partition:key... [sort:key...] table_partition:key [table_sort:key]
//                                                   the projected item's bytes; hash: of the bytes of the index's
//                                                   partition key, all its attributes
//            ttl_id:u32 second:u64 place            "": this item expires then
//   changes  stream_id:u64 sequence:u64             a change record (change_codec.h)
//   history  data_id:u32 place time:u64 sequence:u64
//                                                   what the item was until then: 0x00 (absent), or 0x01 and its bytes
//   default  d table_id:u64                         a definition (definition_codec.h)
//            r table_id:u64                         of a removed table whose streams are still kept
//            n                                      next_id:u64; tables, streams, data, indexes share the numbers
//            s                                      next_sequence:u64 time:u64 number:u64, of the newest commit; its
//                                                   number in the log (commit_log.h), which older ones left out
//            l                                      number:u64 of the newest commit when the tables were last closed,
//                                                   so that table files had all of the log (older_tables.h)
//            c id:u32                               items:u64 bytes:u64 [uncounted:u64], of a table (data_id) or an
//                                                   index; with the last one, the first two are near enough
//            b id:u32                               where the back-fill of this index (or ttl_id) got: a `place`, or ""
//            h stream_id:u64                        the first sequence that is kept
//            g family:u8 prefix                     everything under this prefix is to be erased
//            t token                                expires:u64 digest, of a committed transaction
//            e expires:u64 token                    "": when to forget it
//
// A partition's items lie together in the order of their sort keys, so Query is one range; partitions lie in the order
// of their hashes, so a parallel scan's segments are ranges of hashes and an even load.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/table/definition.h"

namespace millrace::table::engine {

enum class Family : uint8_t { meta, items, indexes, changes, history };
constexpr size_t families = 5;

void append_u32(uint32_t value, std::string* out);
void append_u64(uint64_t value, std::string* out);
uint32_t read_u32(std::string_view bytes);  // of the first four; 0 where there are fewer
uint64_t read_u64(std::string_view bytes);

// The first key after all that begin with `prefix`; "" where there is none (all 0xff).
std::string successor(std::string prefix);

// Stable for ever: it is on disk. 32 bits of a mixed FNV-1a.
uint32_t hash_of(std::string_view partition);

// --- items ---
// invalid_argument where `item` lacks a key attribute or has it with another type: "The provided key element does not
// match the schema".
Result<std::string> item_key(uint32_t data_id, const KeyNames& names, const Item& item);
inline std::string_view place_of(std::string_view item_key) {
    return item_key.substr(4);
}
std::string id_prefix(uint32_t id);  // of data, an index or a ttl
std::string hash_prefix(uint32_t id, uint32_t hash);
// Of data or an index: every key that begins with it is of the partition. `more`: of an index, its other attributes.
std::string partition_prefix(uint32_t id, const AttributeValue& partition,
                             const std::vector<AttributeValue>& more = {});

// --- indexes ---
// nullopt where the item is not in the index: an attribute of its key is absent, of another type or empty, or they are
// too long together.
std::optional<std::string> index_key(const Index& index, const KeyNames& table, const Item& item);
// The hash that the item's key begins with, in a table or an index. The item has all attributes of the partition.
uint32_t partition_hash(const KeyNames& names, const Item& item);
std::string expiry_key(uint32_t ttl_id, uint64_t second, std::string_view place);

// --- changes ---
std::string change_key(uint64_t stream, uint64_t sequence);

// --- meta ---
std::string meta_key(char kind);
std::string meta_key(char kind, uint32_t id);
std::string meta_key(char kind, uint64_t id);
std::string garbage_key(Family family, std::string_view prefix);

}  // namespace millrace::table::engine
