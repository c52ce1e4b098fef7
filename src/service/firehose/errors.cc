#include "src/service/firehose/errors.h"

namespace millrace::service::firehose {

aws::Failure failure_of(const Error& error) {
    switch (error.code) {
        case ErrorCode::invalid_argument:
        case ErrorCode::unsupported:
            return invalid_argument(error.message);
        case ErrorCode::not_found:
            return {"ResourceNotFoundException", error.message};
        case ErrorCode::already_exists:
            return {"ResourceInUseException", error.message};
        case ErrorCode::failed_precondition:
            return {"ConcurrentModificationException", error.message};
        case ErrorCode::resource_exhausted:  // the log holds producers back: SDKs wait and try again
            return {"ServiceUnavailableException", "Slow down."};
        case ErrorCode::unavailable:
        case ErrorCode::cancelled:
        case ErrorCode::deadline_exceeded:
            return {"ServiceUnavailableException", "The service is unavailable: " + error.message};
        default:
            return {"InternalFailure", error.message, 500};
    }
}

aws::Failure not_found(const Scope& scope, std::string_view name) {
    return {"ResourceNotFoundException",
            "Firehose " + std::string(name) + " under account " + scope.account + " not found."};
}

aws::Failure already_exists(const Scope& scope, std::string_view name) {
    return {"ResourceInUseException",
            "Firehose " + std::string(name) + " under accountId " + scope.account + " already exists"};
}

aws::Failure invalid_argument(std::string message) {
    return {"InvalidArgumentException", std::move(message)};
}

aws::Failure not_honoured(std::string_view what, std::string_view why) {
    return invalid_argument("Millrace does not honour " + std::string(what) + ": " + std::string(why));
}

}  // namespace millrace::service::firehose
