// What the writes answer with.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "src/aws/failure.h"
#include "src/service/dynamodb/items/write_request.h"

namespace millrace::service::dynamodb {

// ConditionalCheckFailedException, with the item where it is wanted; the engine's other errors as errors.h has them.
aws::Failure failure_of(const table::WriteError& error, bool with_item);

// {"Attributes":{...},"ConsumedCapacity":{...},"ItemCollectionMetrics":{...}}, each where asked for. May block where
// metrics are.
Result<std::string> write_body(table::Tables& tables, const WriteAnswer& answer, const table::WriteOutcome& outcome);

// Of batches and transactions: what each table's writes cost together, and the collections that they touched.
class WriteTotals {
  public:
    // By the names that the request used for the tables.
    Status add(std::string_view table_name, const WriteAnswer& answer, const table::WriteOutcome& outcome,
               double factor);
    // Appends "ConsumedCapacity":[...] with a comma before it, where asked for.
    void append_capacities(CapacityDetail detail, std::string_view transaction, std::string* out) const;
    // Appends "ItemCollectionMetrics":{"orders":[...]} likewise. May block.
    Status append_metrics(table::Tables& tables, std::string* out) const;

  private:
    struct Total {
        std::string name;
        table::TableRef table;
        Capacity capacity;
        std::vector<table::Item> collections;
    };
    std::vector<Total> totals_;
};

}  // namespace millrace::service::dynamodb
