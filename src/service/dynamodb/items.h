// The handlers of items. All are raw: they start on the I/O thread, parse the body where it lies (request/), and answer
// from the committer's thread (writes), at once (reads that the cache holds) or from the executor (the other reads).
#pragma once

#include "src/aws/call.h"

namespace millrace::service::dynamodb {

class DynamoDb;

// read.cc
void get_item(DynamoDb&, aws::RawCall);
void batch_get_item(DynamoDb&, aws::RawCall);
// query.cc, scan.cc
void query(DynamoDb&, aws::RawCall);
void scan(DynamoDb&, aws::RawCall);
// write.cc
void put_item(DynamoDb&, aws::RawCall);
void update_item(DynamoDb&, aws::RawCall);
void delete_item(DynamoDb&, aws::RawCall);
void batch_write_item(DynamoDb&, aws::RawCall);
// transact.cc
void transact_get_items(DynamoDb&, aws::RawCall);
void transact_write_items(DynamoDb&, aws::RawCall);

}  // namespace millrace::service::dynamodb
