// The handlers of items. All are raw: they start on the I/O thread, parse the body where it lies (request/), and answer
// from the committer's thread (writes), at once (reads that the cache holds) or from the executor (the other reads).
#pragma once

#include "src/aws/call.h"

namespace millrace::service::dynamodb {

class DynamoDb;

// items/read.cc
void get_item(DynamoDb&, aws::RawCall);
void batch_get_item(DynamoDb&, aws::RawCall);
// items/query.cc, items/scan.cc
void query(DynamoDb&, aws::RawCall);
void scan(DynamoDb&, aws::RawCall);
// items/write.cc, items/batch_write.cc
void put_item(DynamoDb&, aws::RawCall);
void update_item(DynamoDb&, aws::RawCall);
void delete_item(DynamoDb&, aws::RawCall);
void batch_write_item(DynamoDb&, aws::RawCall);
// items/transact_get.cc, items/transact_write.cc
void transact_get_items(DynamoDb&, aws::RawCall);
void transact_write_items(DynamoDb&, aws::RawCall);

}  // namespace millrace::service::dynamodb
