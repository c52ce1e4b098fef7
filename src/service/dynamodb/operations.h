// DynamoDB: what the endpoint is given.
#pragma once

#include "src/aws/operation.h"

namespace millrace::service::dynamodb {

class DynamoDb;

// The table of what we serve. `dynamodb` outlives the service.
aws::Service operations(DynamoDb& dynamodb);

}  // namespace millrace::service::dynamodb
