#include "src/service/dynamodbstreams/errors.h"

namespace millrace::service::dynamodbstreams {

aws::Failure stream_not_found(std::string_view arn) {
    return {"ResourceNotFoundException", "Requested resource not found: Stream: " + std::string(arn) + " not found"};
}
aws::Failure shard_not_found(std::string_view shard, std::string_view arn) {
    return {"ResourceNotFoundException", "Requested resource not found: Shard: " + std::string(shard) +
                                             " in Stream: " + std::string(arn) + " not found"};
}
aws::Failure validation(std::string message) {
    return {"ValidationException", std::move(message)};
}
aws::Failure trimmed() {
    return {"TrimmedDataAccessException", "The operation attempted to read past the oldest stream record in a shard."};
}

aws::Failure failure_of(const Error& error) {
    switch (error.code) {
        case ErrorCode::not_found:
            return {"ResourceNotFoundException", "Requested resource not found: " + error.message};
        case ErrorCode::out_of_range:
            return trimmed();
        case ErrorCode::invalid_argument:
            return validation(error.message);
        case ErrorCode::resource_exhausted:
            return {"LimitExceededException", error.message};
        default:
            return {"InternalServerError", error.message, 500};
    }
}

}  // namespace millrace::service::dynamodbstreams
