// What Lambda's clients are told: engine errors become the service's named errors here and nowhere else.
#pragma once

#include <string>
#include <string_view>

#include "src/aws/failure.h"
#include "src/base/result.h"
#include "src/base/scope.h"

namespace millrace::service::lambda {

// Of a function that does not exist, with AWS's sentence. `qualifier` as asked, or "".
aws::Failure function_not_found(const Scope& scope, std::string_view name, std::string_view qualifier = "");
aws::Failure not_found(std::string message);
aws::Failure conflict(std::string message);
aws::Failure invalid_parameter(std::string message);
// "Millrace does not honour X: reason", for what depends on a parameter's value.
aws::Failure not_honoured(std::string_view parameter, std::string_view reason);
aws::Failure revision_mismatch(std::string_view operation_to_call);
aws::Failure access_denied(std::string message);
// 429. `reason`: "ReservedFunctionConcurrentInvocationLimitExceeded", "ConcurrentInvocationLimitExceeded" ...
aws::Failure throttled(std::string_view reason);
// What is left: disks, stopping, our own limits.
aws::Failure failure_of(const Error& error);

}  // namespace millrace::service::lambda
