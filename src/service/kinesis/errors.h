// Kinesis's named errors, with AWS's sentences where they are known.
#pragma once

#include <string>
#include <string_view>

#include "src/aws/failure.h"
#include "src/base/result.h"
#include "src/base/scope.h"

namespace millrace::service::kinesis {

aws::Failure stream_not_found(const Scope& scope, std::string_view name);
aws::Failure stream_exists(const Scope& scope, std::string_view name);
aws::Failure shard_not_found(const Scope& scope, std::string_view stream, std::string_view shard);
aws::Failure invalid_argument(std::string message);
aws::Failure validation(std::string violation);  // "1 validation error detected: ..."
aws::Failure limit_exceeded(std::string message);
// Engine errors: too much at once is ProvisionedThroughputExceededException, which SDKs retry; the rest is ours.
aws::Failure failure_of(const Error& error);

}  // namespace millrace::service::kinesis
