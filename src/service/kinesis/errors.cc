#include "src/service/kinesis/errors.h"

namespace millrace::service::kinesis {
namespace {

std::string under(const Scope& scope, std::string_view name) {
    return "Stream " + std::string(name) + " under account " + scope.account;
}

}  // namespace

aws::Failure stream_not_found(const Scope& scope, std::string_view name) {
    return {"ResourceNotFoundException", under(scope, name) + " not found."};
}
aws::Failure stream_exists(const Scope& scope, std::string_view name) {
    return {"ResourceInUseException", under(scope, name) + " already exists."};
}
aws::Failure shard_not_found(const Scope& scope, std::string_view stream, std::string_view shard) {
    return {"ResourceNotFoundException", "Shard " + std::string(shard) + " in stream " + std::string(stream) +
                                             " under account " + scope.account + " does not exist"};
}
aws::Failure invalid_argument(std::string message) {
    return {"InvalidArgumentException", std::move(message)};
}
aws::Failure validation(std::string violation) {
    return {"ValidationException", "1 validation error detected: " + violation};
}
aws::Failure limit_exceeded(std::string message) {
    return {"LimitExceededException", std::move(message)};
}

aws::Failure failure_of(const Error& error) {
    switch (error.code) {
        case ErrorCode::resource_exhausted:
            return {"ProvisionedThroughputExceededException", error.message};
        case ErrorCode::not_found:
            return {"ResourceNotFoundException", error.message};
        case ErrorCode::invalid_argument:
            return invalid_argument(error.message);
        case ErrorCode::unavailable:
            return {"ServiceUnavailable", error.message, 503};
        default:
            return {"InternalFailure", error.message, 500};
    }
}

}  // namespace millrace::service::kinesis
