// Failures in API Gateway's words. https://docs.aws.amazon.com/apigateway/latest/api/CommonErrors.html
#pragma once

#include <string>
#include <string_view>

#include "src/aws/failure.h"
#include "src/base/result.h"
#include "src/base/scope.h"

namespace millrace::service::apigateway {

aws::Failure bad_request(std::string message);
aws::Failure not_found(std::string message);
aws::Failure conflict(std::string message);
aws::Failure limit_exceeded(std::string message);
// "Millrace does not honour the parameter X: why".
aws::Failure not_honoured(std::string_view parameter, std::string_view reason);
aws::Failure no_api(const Scope& scope, std::string_view id);
// An engine's error, whose sentence is API Gateway's where a caller can cause it.
aws::Failure failure_of(const Error& error);

// TRY for an engine's Result in a handler.
template <class T>
aws::Outcome<T> outcome_of(Result<T> result) {
    if (!result.ok()) return failure_of(result.error());
    return std::move(result).value();
}
inline aws::Outcome<void> outcome_of(Status status) {
    if (!status.ok()) return failure_of(status.error());
    return {};
}

}  // namespace millrace::service::apigateway
