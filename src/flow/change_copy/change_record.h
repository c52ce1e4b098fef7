// A change as DynamoDB writes it to a Kinesis stream.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/kds_gettingstarted.html#kds_gettingstarted.consumer
#pragma once

#include <string>

#include "src/base/result.h"
#include "src/table/definition.h"
#include "src/table/tables.h"

namespace millrace::flow {

// The record's JSON. corruption where an image does not decode.
Result<std::string> change_record(const table::Change& change, const table::TableDefinition& table, bool microseconds);
// The same for all changes of an item, so that they stay in order: the MD5 of its key in upper-case hexadecimal digits.
std::string change_partition_key(const table::Change& change);

}  // namespace millrace::flow
