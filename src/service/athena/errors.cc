#include "src/service/athena/errors.h"

namespace millrace::service::athena {

aws::Failure failure_of(const Error& error) {
    switch (error.code) {
        case ErrorCode::invalid_argument:
        case ErrorCode::not_found:
        case ErrorCode::already_exists:
        case ErrorCode::failed_precondition:
        case ErrorCode::unsupported:
        case ErrorCode::out_of_range:
            return invalid_request(error.message);
        case ErrorCode::resource_exhausted:
            return {"TooManyRequestsException", error.message, 400};
        default:
            return {"InternalServerException", error.message, 500};
    }
}

aws::Failure metadata_failure_of(const Error& error) {
    if (error.code == ErrorCode::not_found) return {"MetadataException", error.message, 400};
    return failure_of(error);
}

aws::Failure invalid_request(std::string message) {
    return {"InvalidRequestException", std::move(message), 400};
}

}  // namespace millrace::service::athena
