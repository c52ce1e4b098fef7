#include "src/service/dynamodb/items/collection.h"

#include <algorithm>

#include "src/table/value/item_json.h"

namespace millrace::service::dynamodb {
namespace {

constexpr size_t counted_bytes_max = size_t{1} << 30;

}  // namespace

bool has_collections(const table::TableDefinition& table) {
    return std::any_of(table.indexes.begin(), table.indexes.end(), [](const auto& index) { return !index.global; });
}

Status append_collection(table::Tables& tables, const table::TableRef& table, const table::Item& key,
                         std::string* out) {
    table::Item partition;
    partition.set(table->key.partition, *key.find(table->key.partition));
    table::QueryRequest request;
    request.table = table;
    request.condition.partition = *partition.find(table->key.partition);
    request.count_only = true;
    request.bytes_max = counted_bytes_max;
    TRY_ASSIGN(const table::Page page, tables.query(request));
    out->append("{\"ItemCollectionKey\":");
    table::append_json(partition, out);
    out->append(",\"SizeEstimateRangeGB\":").append(page.bytes < counted_bytes_max ? "[0.0,1.0]}" : "[1.0,10.0]}");
    return {};
}

}  // namespace millrace::service::dynamodb
