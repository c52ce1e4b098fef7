#include "src/service/lambda/code.h"

#include "src/object/store.h"
#include "src/service/lambda/errors.h"
#include "src/service/lambda/limits.h"

namespace millrace::service::lambda {
namespace {

aws::Failure s3_failure(std::string_view code, std::string_view message) {
    return invalid_parameter("Error occurred while GetObject. S3 Error Code: " + std::string(code) +
                             ". S3 Error Message: " + std::string(message));
}

aws::Outcome<std::string> fetch(object::Store& objects, const std::string& account, const std::string& bucket,
                                const std::string& key) {
    const Status owned = object::check_owner(objects, bucket, account);
    if (!owned.ok() && owned.error().code == ErrorCode::not_found) {
        return s3_failure("NoSuchBucket", "The specified bucket does not exist");
    }
    if (!owned.ok()) return s3_failure("AccessDenied", "Access Denied");
    const auto reader = objects.open_object(bucket, key);
    if (!reader.ok() && reader.error().code == ErrorCode::not_found) {
        return s3_failure("NoSuchKey", "The specified key does not exist.");
    }
    if (!reader.ok()) return failure_of(reader.error());
    const uint64_t size = (*reader)->info().size;
    if (size > unpacked_bytes_max) return invalid_parameter("Unzipped size must be smaller than 262144000 bytes");
    std::string bytes(size, '\0');
    for (uint64_t at = 0; at < size;) {
        const Result<size_t> count = (*reader)->read_at(at, std::span(bytes).subspan(at));
        if (!count.ok()) return failure_of(count.error());
        if (*count == 0) return failure_of({ErrorCode::io, "the object ends early"});
        at += *count;
    }
    return bytes;
}

}  // namespace

aws::Outcome<Lambda::Code> Lambda::take_code(const aws::CallContext& context, const CodeSource& source) {
    const bool in_s3 = source.bucket || source.key;
    if (source.zip && in_s3) {
        return invalid_parameter("Please do not provide other FunctionCode parameters when providing a ZipFile.");
    }
    if (!source.zip && (!source.bucket || !source.key)) {
        return invalid_parameter("Please provide a source for function code.");
    }
    if (source.object_version && *source.object_version != "null") {
        return not_honoured("S3ObjectVersion", "objects have one version");
    }
    if (source.storage_mode && *source.storage_mode != "COPY") {
        return not_honoured("S3ObjectStorageMode", "packages are copied");
    }
    std::string fetched;
    std::string_view zip;
    if (source.zip) {
        zip = *source.zip;
        if (zip.empty()) return invalid_parameter("Uploaded file must be a non-empty zip");
        if (zip.size() > package_bytes_max) {
            return aws::Failure{"RequestEntityTooLargeException",
                                "Zipped size must be smaller than 52428800 bytes; larger packages come from S3",
                                413,
                                {{"Type", "User"}},
                                {}};
        }
    } else {
        TRY_ASSIGN(fetched, fetch(parts_.objects, context.scope.account, *source.bucket, *source.key));
        zip = fetched;
    }
    const Result<function::StoredPackage> package = functions_.packages().put(zip);
    if (package.ok()) return Code{*package};
    if (package.error().code == ErrorCode::invalid_argument ||
        (package.error().code == ErrorCode::resource_exhausted && package.error().message.starts_with("Unzipped"))) {
        return invalid_parameter(package.error().message);
    }
    return failure_of(package.error());
}

}  // namespace millrace::service::lambda
