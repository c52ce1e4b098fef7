#include "src/service/s3/errors.h"

namespace millrace::service::s3 {

aws::Failure no_such_bucket(std::string_view bucket) {
    return {"NoSuchBucket", "The specified bucket does not exist", 404, {{"BucketName", std::string(bucket)}}, {}};
}

aws::Failure no_such_key(std::string_view key) {
    return {"NoSuchKey", "The specified key does not exist.", 404, {{"Key", std::string(key)}}, {}};
}

aws::Failure precondition_failed(std::string_view condition) {
    return {"PreconditionFailed",
            "At least one of the pre-conditions you specified did not hold",
            412,
            {{"Condition", std::string(condition)}},
            {}};
}

aws::Failure invalid_argument(std::string_view message, std::string_view name, std::string_view value) {
    aws::Failure out{"InvalidArgument", std::string(message), 400, {}, {}};
    if (!name.empty()) {
        out.fields = {{"ArgumentName", std::string(name)}, {"ArgumentValue", std::string(value)}};
    }
    return out;
}

aws::Failure invalid_request(std::string_view message) {
    return {"InvalidRequest", std::string(message), 400, {}, {}};
}

aws::Failure malformed_xml() {
    return {"MalformedXML",
            "The XML you provided was not well-formed or did not validate against our published schema",
            400,
            {},
            {}};
}

aws::Failure not_implemented(std::string_view what, std::string_view reason) {
    return {
        "NotImplemented", "Millrace does not honour " + std::string(what) + ": " + std::string(reason), 501, {}, {}};
}

aws::Failure failure(const Error& error, const Subject& subject) {
    switch (error.code) {
        case ErrorCode::not_found:
            if (error.message.starts_with("bucket")) return no_such_bucket(subject.bucket);
            if (error.message.starts_with("upload")) {
                return {"NoSuchUpload",
                        "The specified upload does not exist. The upload ID may be invalid, or the upload may have "
                        "been aborted or completed.",
                        404,
                        {{"UploadId", std::string(subject.upload_id)}},
                        {}};
            }
            return no_such_key(subject.key);
        case ErrorCode::failed_precondition:
            if (error.message.find("If-None-Match") != std::string::npos) return precondition_failed("If-None-Match");
            if (error.message.find("If-Match") != std::string::npos) return precondition_failed("If-Match");
            return {"BucketNotEmpty",
                    "The bucket you tried to delete is not empty",
                    409,
                    {{"BucketName", std::string(subject.bucket)}},
                    {}};
        case ErrorCode::already_exists:
            return {"BucketAlreadyOwnedByYou",
                    "Your previous request to create the named bucket succeeded and you already own it.",
                    409,
                    {{"BucketName", std::string(subject.bucket)}},
                    {}};
        case ErrorCode::invalid_argument:
            return invalid_argument(error.message);
        case ErrorCode::unsupported:
            return not_implemented("this", error.message);
        case ErrorCode::unavailable:
        case ErrorCode::cancelled:
            return {"ServiceUnavailable", "Service is unable to handle request: " + error.message, 503, {}, {}};
        default:
            // io, resource_exhausted (the disk is full), corruption: the one who runs Millrace has to act.
            return {"InternalError",
                    "We encountered an internal error. Please try again. (" + error.message + ")",
                    500,
                    {},
                    {}};
    }
}

aws::Failure body_failure(const Error& error) {
    switch (error.code) {
        case ErrorCode::deadline_exceeded:
            return {"RequestTimeout",
                    "Your socket connection to the server was not read from or written to within the timeout period. "
                    "Idle connections will be closed.",
                    400,
                    {},
                    {}};
        case ErrorCode::resource_exhausted:
            return {"EntityTooLarge", "Your proposed upload exceeds the maximum allowed object size.", 400, {}, {}};
        case ErrorCode::cancelled:
            return {"IncompleteBody",
                    "You did not provide the number of bytes specified by the Content-Length HTTP header",
                    400,
                    {},
                    {}};
        case ErrorCode::unauthenticated:
        case ErrorCode::permission_denied:
            return {"SignatureDoesNotMatch", error.message, 403, {}, {}};
        case ErrorCode::corruption:
        case ErrorCode::failed_precondition:
            return {"BadDigest", error.message, 400, {}, {}};
        default:
            return invalid_request(error.message);
    }
}

}  // namespace millrace::service::s3
