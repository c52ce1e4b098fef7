// How a statement is carried out: which keys its WHERE clause names, what of it is left as a filter or a condition, and
// what a SELECT's columns are called. All errors: invalid_argument with AWS's sentence.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "src/table/partiql/statement.h"
#include "src/table/tables.h"

namespace millrace::table::partiql {

struct ReadPlan {
    const Index* index = nullptr;             // of the table; null: the table itself
    std::vector<KeyCondition> ranges;         // to query one after the other; none: a scan
    std::shared_ptr<const Condition> filter;  // null: none
    bool forward = true;                      // within a range
    bool fetch_from_table = false;            // a local index does not have all columns
    std::optional<Item> whole_key;            // where the clause names one item of the table by its whole key
};
Result<ReadPlan> plan_read(const Statement& statement, const TableDefinition& table);

// Of an insert, update, erase or exists. An insert's condition is that there is no item of its key; an update's, that
// there is one; and all that the WHERE clause says beside the key, which of an erase is asked of an item that is there
// alone. The key's values are the caller's to check, and that an update leaves the key alone.
Result<WriteOperation> plan_write(const Statement& statement, const TableRef& table);

// The item as a SELECT answers it: each column under its last name. All of it where there are no columns.
Item columns_of(const Item& item, const std::vector<Path>& columns);

}  // namespace millrace::table::partiql
