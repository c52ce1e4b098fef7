#include "src/service/events/errors.h"

namespace millrace::service::events {

aws::Failure validation(std::string message) {
    return {"ValidationException", std::move(message), 400};
}

aws::Failure invalid_pattern(const std::string& reason) {
    return {"InvalidEventPatternException", "Event pattern is not valid. Reason: " + reason};
}

aws::Failure failure_of(const Error& error) {
    switch (error.code) {
        case ErrorCode::not_found:
            return {"ResourceNotFoundException", error.message};
        case ErrorCode::already_exists:
            return {"ResourceAlreadyExistsException", error.message};
        case ErrorCode::failed_precondition:
        case ErrorCode::invalid_argument:
        case ErrorCode::unsupported:
        case ErrorCode::permission_denied:
            return validation(error.message);
        case ErrorCode::resource_exhausted:
            return {"LimitExceededException", error.message};
        default:
            return {"InternalException", error.message, 500};
    }
}

}  // namespace millrace::service::events
