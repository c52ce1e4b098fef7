// The capacity units that AWS counts, for ReturnConsumedCapacity. Nothing here is limited by them.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "src/table/definition.h"
#include "src/table/tables.h"

namespace millrace::service::dynamodb {

enum class CapacityDetail : uint8_t { none, total, indexes };
CapacityDetail capacity_detail(const std::optional<std::string>& given);  // a word that was checked

struct Capacity {
    double table = 0;
    std::map<std::string, double> local, global;  // by index
    double total() const;
    Capacity& operator+=(const Capacity& other);
    Capacity& operator*=(double factor);
};

// 4 KB a unit, half of it where eventually consistent; at least one.
double read_units(size_t bytes, bool consistent);
// Of what was read of a table (null), or of an index and, of a local one, fetched from its table.
Capacity page_capacity(const table::Index* index, size_t bytes, const table::Fetched& fetched, bool consistent);
// 1 KB a unit; at least one.
double write_units(size_t bytes);
double write_units(const table::WriteOutcome& outcome);  // the table's alone, without indexes

// Of a write that found `old_item` and left `new_item`: the table's units and, by what changed in each, the indexes'.
// corruption where an item does not decode.
Result<Capacity> write_capacity(const table::TableDefinition& table, const table::WriteOutcome& outcome);

// {"TableName":"orders","CapacityUnits":1.0,...}; `transaction`: "ReadCapacityUnits" or "WriteCapacityUnits" are said
// apart, as transactions do; else "".
void append_capacity(const table::TableDefinition& table, const Capacity& capacity, CapacityDetail detail,
                     std::string_view transaction, std::string* out);

}  // namespace millrace::service::dynamodb
