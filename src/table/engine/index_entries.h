// What of an item goes into its table's indexes and its TTL, and what an item must be to go there.
#pragma once

#include <optional>
#include <string>

#include "src/base/result.h"
#include "src/table/definition.h"
#include "src/table/tables.h"

namespace millrace::table::engine {

// The projected item's bytes; `encoded` is the whole item's.
std::string index_value(const Index& index, const KeyNames& table, const Item& item, std::string_view encoded);
// The item's attributes of the table's key.
Item keys_of(const KeyNames& names, const Item& item);

// When the item expires, in seconds; nullopt where it never does: AWS wants a whole Number.
std::optional<uint64_t> expiry_second(const TableDefinition& definition, const Item& item);
// Expired by `now_s`, and not over five years ago: older ones AWS takes for a mistake and keeps.
bool has_expired(uint64_t expiry_s, int64_t now_s);
constexpr uint64_t expired_seconds_max = uint64_t{5} * 365 * 24 * 3600;

// Whether an item may have these index keys: invalid_argument with AWS's sentence. Of a put all attributes, of an
// update only what it writes (an item may be older than its index, and then is not in it). Indexes are looked at in the
// order of their names, types before emptiness, as AWS does.
Status check_index_keys(const TableDefinition& definition, const Item& item, const Update* update);

}  // namespace millrace::table::engine
