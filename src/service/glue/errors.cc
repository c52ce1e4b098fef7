#include "src/service/glue/errors.h"

namespace millrace::service::glue {

namespace {

std::string_view code_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::not_found:
            return "EntityNotFoundException";
        case ErrorCode::already_exists:
            return "AlreadyExistsException";
        case ErrorCode::failed_precondition:
            return "ConcurrentModificationException";
        case ErrorCode::invalid_argument:
        case ErrorCode::unsupported:
            return "InvalidInputException";
        case ErrorCode::resource_exhausted:
            return "ResourceNumberLimitExceededException";
        case ErrorCode::deadline_exceeded:
            return "OperationTimeoutException";
        default:
            return "InternalServiceException";
    }
}

}  // namespace

aws::Failure failure_of(const Error& error) {
    const std::string_view code = code_of(error.code);
    return {std::string(code), error.message, code == "InternalServiceException" ? 500 : 400};
}

aws::glue::ErrorDetail error_detail_of(const Error& error) {
    return {.ErrorCode = std::string(code_of(error.code)), .ErrorMessage = error.message};
}

aws::Failure invalid_input(std::string message) {
    return {"InvalidInputException", std::move(message)};
}

}  // namespace millrace::service::glue
