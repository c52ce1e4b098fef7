// What the three operations share: a statement with its parameters, its table, and how it is written or read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/aws/call.h"
#include "src/service/dynamodb/items/capacity.h"
#include "src/service/dynamodb/partiql/values.h"
#include "src/table/partiql/plan.h"
#include "src/table/tables.h"

namespace millrace::service::dynamodb {
class DynamoDb;
}

// PartiQL's own; not seen by the other operations.
namespace millrace::service::dynamodb::ql {

struct Prepared {
    std::vector<table::AttributeValue> parameters;
    table::partiql::Statement statement;
    table::TableRef table;
};
// Parsed, and its table found. ValidationException, ResourceNotFoundException.
aws::Outcome<Prepared> prepare(DynamoDb& dynamodb, const aws::CallContext& context, const std::string& text,
                               const std::optional<std::vector<shapes::AttributeValue>>& parameters);

// Of all but a select; with what its RETURNING clause needs, and ReturnValuesOnConditionCheckFailure (`want_failed`),
// and the counting of what the indexes cost (`want_capacity`).
aws::Outcome<table::WriteOperation> write_of(const Prepared& prepared, bool want_failed, bool want_capacity);
bool wants_failed_item(const std::optional<std::string>& return_values_on_failure);
// What the RETURNING clause asks for; nothing where there is nothing to return.
aws::Outcome<std::optional<table::Item>> returned(const table::partiql::Statement& statement,
                                                  const table::WriteOutcome& outcome);

// A failed write, as this statement's kind of failure: DuplicateItemException, ConditionalCheckFailedException, ...;
// with the item that made the condition fail where it is in `error`. (It may be there for another's sake: see
// write_of().)
aws::Failure failure_of_write(const table::partiql::Statement& statement, const table::WriteError& error);

// --- capacity: what is shown, of the units that items/capacity.h counts ---
bool wants_capacity(const std::optional<std::string>& return_capacity);
shapes::ConsumedCapacity capacity_of(const std::string& return_capacity, const std::string& table,
                                     const Capacity& capacity);
// Adds to the entry of the same table.
void add_capacity(std::vector<shapes::ConsumedCapacity>* all, shapes::ConsumedCapacity more);

}  // namespace millrace::service::dynamodb::ql
