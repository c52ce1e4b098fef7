#include "src/service/lambda/errors.h"

#include "src/function/definition.h"

namespace millrace::service::lambda {
namespace {

aws::Failure users(std::string code, std::string message, int status) {
    return {std::move(code), std::move(message), status, {{"Type", "User"}}, {}};
}

}  // namespace

aws::Failure function_not_found(const Scope& scope, std::string_view name, std::string_view qualifier) {
    return not_found("Function not found: " + function::function_arn(scope, name, qualifier));
}

aws::Failure not_found(std::string message) {
    return users("ResourceNotFoundException", std::move(message), 404);
}

aws::Failure conflict(std::string message) {
    return users("ResourceConflictException", std::move(message), 409);
}

aws::Failure invalid_parameter(std::string message) {
    return users("InvalidParameterValueException", std::move(message), 400);
}

aws::Failure not_honoured(std::string_view parameter, std::string_view reason) {
    return invalid_parameter("Millrace does not honour the parameter " + std::string(parameter) + ": " +
                             std::string(reason));
}

aws::Failure revision_mismatch(std::string_view operation_to_call) {
    return users("PreconditionFailedException",
                 "The Revision Id provided does not match the latest Revision Id. Call the " +
                     std::string(operation_to_call) + " API to retrieve the latest Revision Id",
                 412);
}

aws::Failure access_denied(std::string message) {
    return {"AccessDeniedException", std::move(message), 403, {}, {}};
}

aws::Failure throttled(std::string_view reason) {
    return {"TooManyRequestsException",
            "Rate Exceeded.",
            429,
            {{"Type", "User"}, {"Reason", std::string(reason)}},
            {{"retry-after", "1"}}};
}

aws::Failure failure_of(const Error& error) {
    switch (error.code) {
        case ErrorCode::not_found:
            return not_found(error.message);
        case ErrorCode::already_exists:
        case ErrorCode::failed_precondition:
            return conflict(error.message);
        case ErrorCode::invalid_argument:
        case ErrorCode::unsupported:
            return invalid_parameter(error.message);
        case ErrorCode::resource_exhausted:
            if (error.message.starts_with("Code storage limit")) {
                return users("CodeStorageExceededException", error.message, 400);
            }
            return {"TooManyRequestsException", error.message, 429, {{"Type", "User"}}, {}};
        default:
            return {"ServiceException", error.message, 500, {{"Type", "Service"}}, {}};
    }
}

}  // namespace millrace::service::lambda
