#include "src/service/logs/errors.h"

namespace millrace::service::logs {

aws::Failure invalid_parameter(std::string message) {
    return {"InvalidParameterException", std::move(message)};
}

aws::Failure no_group() {
    return {"ResourceNotFoundException", "The specified log group does not exist."};
}

aws::Failure failure_of(const Error& error) {
    switch (error.code) {
        case ErrorCode::not_found:
            return {"ResourceNotFoundException", error.message};
        case ErrorCode::already_exists:
            return {"ResourceAlreadyExistsException", error.message};
        case ErrorCode::failed_precondition:  // the one precondition is the number of tags
            return {"TooManyTagsException", error.message};
        case ErrorCode::invalid_argument:
        case ErrorCode::unsupported:
            return {"InvalidParameterException", error.message};
        case ErrorCode::resource_exhausted:
            return {"ServiceUnavailableException", error.message, 503};  // SDKs try again
        default:
            return {"ServiceUnavailableException", error.message, 500};
    }
}

}  // namespace millrace::service::logs
