// ItemCollectionMetrics: how large the items of one partition key are together, on tables with local indexes.
#pragma once

#include <string>

#include "src/table/tables.h"

namespace millrace::service::dynamodb {

bool has_collections(const table::TableDefinition& table);

// Appends {"ItemCollectionKey":{...},"SizeEstimateRangeGB":[0.0,1.0]}. Counts the collection's items, so it may block;
// it stops at a gigabyte, and then says [1.0,10.0]. `key` has the partition key.
Status append_collection(table::Tables& tables, const table::TableRef& table, const table::Item& key, std::string* out);

}  // namespace millrace::service::dynamodb
