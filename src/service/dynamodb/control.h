// The control plane's handlers: all that is around items. Each is Outcome<XOutput>(DynamoDb&, context, input); they run
// on the executor and may block. Grouped by file, as AWS's documentation groups them.
#pragma once

#include "aws/dynamodb/shapes.h"

#include "src/aws/call.h"

namespace millrace::service::dynamodb {

class DynamoDb;

namespace shapes = aws::dynamodb;
using aws::CallContext;
using aws::Outcome;

// tables.cc
Outcome<shapes::DescribeTableOutput> describe_table(DynamoDb&, const CallContext&, const shapes::DescribeTableInput&);
Outcome<shapes::ListTablesOutput> list_tables(DynamoDb&, const CallContext&, const shapes::ListTablesInput&);

}  // namespace millrace::service::dynamodb
