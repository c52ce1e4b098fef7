// Bucket names, keys and the names of other objects in headers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "src/aws/failure.h"

namespace millrace::service::s3 {

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html, general purpose buckets.
bool is_bucket_name(std::string_view name);

// KeyTooLongError over 1024 bytes.
aws::Outcome<void> check_key(std::string_view key);

struct CopySource {
    std::string bucket;
    std::string key;
};
// x-amz-copy-source: "bucket/key", "/bucket/key", percent-encoded, "?versionId=null" at most. InvalidArgument
// otherwise; NotImplemented for other versions and for access points' ARNs.
aws::Outcome<CopySource> parse_copy_source(std::string_view header);

// Percent-decodes; a '%' without two digits stands for itself. '+' stays unless `plus_is_space`.
std::string percent_decode(std::string_view text, bool plus_is_space = false);
// As encoding-type=url: all but letters, digits and -_.*/ in hexadecimal.
std::string percent_encode(std::string_view text);

// An etag as clients write it, without its quotes.
std::string_view unquoted(std::string_view etag);
std::string quoted(std::string_view etag);

}  // namespace millrace::service::s3
