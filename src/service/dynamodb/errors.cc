#include "src/service/dynamodb/errors.h"

namespace millrace::service::dynamodb {

aws::Failure validation(std::string message) {
    return {"ValidationException", std::move(message)};
}
aws::Failure invalid_parameter(std::string_view message) {
    return validation("One or more parameter values were invalid: " + std::string(message));
}
aws::Failure constraint(std::string_view value, std::string_view place, std::string_view rule) {
    return validation("1 validation error detected: Value '" + std::string(value) + "' at '" + std::string(place) +
                      "' failed to satisfy constraint: " + std::string(rule));
}
aws::Failure resource_not_found(std::string message) {
    return {"ResourceNotFoundException", std::move(message)};
}
aws::Failure table_not_found() {
    return resource_not_found("Requested resource not found");
}
aws::Failure table_not_found(std::string_view table) {
    return resource_not_found("Requested resource not found: Table: " + std::string(table) + " not found");
}
aws::Failure resource_in_use(std::string message) {
    return {"ResourceInUseException", std::move(message)};
}
aws::Failure limit_exceeded(std::string message) {
    return {"LimitExceededException", std::move(message)};
}
aws::Failure access_denied(std::string message) {
    return {"AccessDeniedException", std::move(message)};
}

aws::Failure failure_of(const Error& error) {
    switch (error.code) {
        case ErrorCode::not_found:
            return table_not_found();
        case ErrorCode::invalid_argument:
        case ErrorCode::failed_precondition:
            return validation(error.message);
        case ErrorCode::resource_exhausted:
            return {"ThrottlingException", error.message};
        default:
            return {"InternalServerError", error.message, 500};
    }
}

}  // namespace millrace::service::dynamodb
