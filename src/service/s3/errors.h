// S3's errors: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html. Engine errors become these here
// and nowhere else.
#pragma once

#include <string>
#include <string_view>

#include "src/aws/failure.h"
#include "src/base/result.h"

namespace millrace::service::s3 {

// What a request is about, for an error's fields.
struct Subject {
    std::string_view bucket;
    std::string_view key = {};
    std::string_view upload_id = {};
};

aws::Failure failure(const Error& error, const Subject& subject);

aws::Failure no_such_bucket(std::string_view bucket);
aws::Failure no_such_key(std::string_view key);
aws::Failure precondition_failed(std::string_view condition);
aws::Failure invalid_argument(std::string_view message, std::string_view name = {}, std::string_view value = {});
aws::Failure invalid_request(std::string_view message);
aws::Failure malformed_xml();
// A value that we know and do not honour.
aws::Failure not_implemented(std::string_view what, std::string_view reason);
// Of reading a request's body.
aws::Failure body_failure(const Error& error);

}  // namespace millrace::service::s3

// As TRY and TRY_ASSIGN of base/result.h, for engine results in a handler that fails with aws::Failure.
#define S3_TRY(expression, subject)                                               \
    do {                                                                          \
        if (auto try_status = (expression); !try_status.ok()) {                   \
            return ::millrace::service::s3::failure(try_status.error(), subject); \
        }                                                                         \
    } while (false)
#define S3_TRY_ASSIGN_INNER(result, declaration, expression, subject)                   \
    auto result = (expression);                                                         \
    if (!result.ok()) return ::millrace::service::s3::failure(result.error(), subject); \
    declaration = std::move(result).value()
#define S3_TRY_ASSIGN(declaration, expression, subject) \
    S3_TRY_ASSIGN_INNER(MILLRACE_CONCAT(s3_try_result_, __LINE__), declaration, expression, subject)
