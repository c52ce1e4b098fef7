// The named errors of DynamoDB Streams, with AWS's sentences where they are known.
#pragma once

#include <string>
#include <string_view>

#include "src/aws/failure.h"
#include "src/base/result.h"

namespace millrace::service::dynamodbstreams {

aws::Failure stream_not_found(std::string_view arn);
aws::Failure shard_not_found(std::string_view shard, std::string_view arn);
aws::Failure validation(std::string message);
aws::Failure trimmed();
aws::Failure failure_of(const Error& error);

}  // namespace millrace::service::dynamodbstreams
