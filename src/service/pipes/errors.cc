#include "src/service/pipes/errors.h"

namespace millrace::service::pipes {

aws::Failure invalid(std::string message) {
    return {"ValidationException", std::move(message)};
}

aws::Failure failure_of(const Error& error) {
    switch (error.code) {
        case ErrorCode::not_found:
            return {"NotFoundException", error.message};
        case ErrorCode::already_exists:
        case ErrorCode::failed_precondition:
            return {"ConflictException", error.message};
        case ErrorCode::invalid_argument:
        case ErrorCode::unsupported:
            return invalid(error.message);
        case ErrorCode::resource_exhausted:
            return {"ServiceQuotaExceededException", error.message};
        default:
            return {"InternalException", error.message};
    }
}

}  // namespace millrace::service::pipes
