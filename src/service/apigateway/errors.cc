#include "src/service/apigateway/errors.h"

namespace millrace::service::apigateway {

aws::Failure bad_request(std::string message) {
    return {"BadRequestException", std::move(message), 400, {}, {}};
}

aws::Failure not_found(std::string message) {
    return {"NotFoundException", std::move(message), 404, {}, {}};
}

aws::Failure conflict(std::string message) {
    return {"ConflictException", std::move(message), 409, {}, {}};
}

aws::Failure limit_exceeded(std::string message) {
    return {"LimitExceededException", std::move(message), 429, {}, {}};
}

aws::Failure not_honoured(std::string_view parameter, std::string_view reason) {
    return bad_request("Millrace does not honour the parameter " + std::string(parameter) + ": " + std::string(reason));
}

aws::Failure no_api(const Scope& scope, std::string_view id) {
    return not_found("Invalid API identifier specified " + scope.account + ":" + std::string(id));
}

aws::Failure failure_of(const Error& error) {
    switch (error.code) {
        case ErrorCode::not_found:
            return not_found(error.message);
        case ErrorCode::already_exists:
            return conflict(error.message);
        case ErrorCode::invalid_argument:
        case ErrorCode::failed_precondition:
        case ErrorCode::unsupported:
            return bad_request(error.message);
        case ErrorCode::resource_exhausted:
            return limit_exceeded(error.message);
        default:
            return {"ServiceUnavailableException", error.message, 503, {}, {}};
    }
}

}  // namespace millrace::service::apigateway
