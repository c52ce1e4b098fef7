// MSCK REPAIR TABLE: which partitions lie under a table's location as key=value folders.
#pragma once

#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/catalog/lake.h"

namespace millrace::object {
class Store;
}

namespace millrace::query {

// One list of values a partition, in the order of the table's keys. Folders that do not fit the keys are passed over,
// as Hive does. invalid_argument where the location is no S3 address; not_found where its bucket is gone;
// permission_denied where it belongs to another account than `account`.
Result<std::vector<std::vector<std::string>>> partitions_on_disk(const catalog::Table& table, object::Store& objects,
                                                                 std::string_view account);

}  // namespace millrace::query
