// Where a package comes from, and what became of it.
#pragma once

#include <optional>
#include <string>

#include "src/function/package.h"
#include "src/service/lambda/lambda.h"

namespace millrace::service::lambda {

struct Lambda::CodeSource {
    const std::optional<std::string>& zip;
    const std::optional<std::string>& bucket;
    const std::optional<std::string>& key;
    const std::optional<std::string>& object_version;
    const std::optional<std::string>& storage_mode;
};

struct Lambda::Code {
    function::StoredPackage package;
};

template <class Input>
Lambda::CodeSource Lambda::source_of(const Input& input) {
    return {input.ZipFile, input.S3Bucket, input.S3Key, input.S3ObjectVersion, input.S3ObjectStorageMode};
}

}  // namespace millrace::service::lambda
