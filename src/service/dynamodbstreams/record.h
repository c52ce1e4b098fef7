// A change as DynamoDB Streams shows it.
#pragma once

#include "aws/dynamodbstreams/shapes.h"

#include "src/table/tables.h"

namespace millrace::service::dynamodbstreams {

// corruption where an image does not decode.
Result<aws::dynamodbstreams::Record> record_of(const table::Change& change, const table::TableDefinition& table,
                                               const table::ChangeStream& stream);

}  // namespace millrace::service::dynamodbstreams
