#include "src/service/apigatewayv2/errors.h"

namespace millrace::service::apigatewayv2 {

aws::Failure failure_of(const Error& error) {
    switch (error.code) {
        case ErrorCode::not_found:
            return {"NotFoundException", error.message, 404};
        case ErrorCode::invalid_argument:
        case ErrorCode::unsupported:
            return {"BadRequestException", error.message, 400};
        case ErrorCode::already_exists:
        case ErrorCode::failed_precondition:
            return {"ConflictException", error.message, 409};
        case ErrorCode::resource_exhausted:
            return {"TooManyRequestsException", error.message, 429};
        default:
            return {"InternalServerErrorException", error.message, 500};
    }
}

Error bad_request(std::string message) {
    return {ErrorCode::invalid_argument, std::move(message)};
}

Error none_such(std::string_view what, std::string_view id) {
    return {ErrorCode::not_found,
            "Unable to find " + std::string(what) + " by key " + std::string(id) + " within the provided scope"};
}

}  // namespace millrace::service::apigatewayv2
