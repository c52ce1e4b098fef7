// A table's definition as bytes: version 2 where an index has a key of several attributes a part, version 1 else, which
// is also what was written before there were such. RocksDB guards them with its checksums.
#pragma once

#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/table/definition.h"

namespace millrace::table::engine {

std::string encode_definition(const TableDefinition& definition);
Result<TableDefinition> decode_definition(std::string_view bytes);  // corruption; unsupported: a later version's

}  // namespace millrace::table::engine
