// The lake's entries as stored: JSON objects with a version field "v" (now 1). Readers take what they know and refuse
// a later version; members that are empty are not written.
#pragma once

#include <string>
#include <string_view>

#include "src/catalog/lake.h"

namespace millrace::catalog {

// A table as stored also knows the identifier under which its versions and partitions are kept: a table that is
// deleted and made again has none of its predecessor's.
struct StoredTable {
    Table table;
    std::string id;
};

std::string encode(const Database& database);
std::string encode(const StoredTable& table);
std::string encode(const Partition& partition);

// corruption where the bytes are not what encode() wrote; unsupported for a later version.
Result<Database> decode_database(std::string_view bytes);
Result<StoredTable> decode_table(std::string_view bytes);
Result<Partition> decode_partition(std::string_view bytes);

}  // namespace millrace::catalog
