// Tags: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "aws/s3/shapes.h"

#include "src/aws/failure.h"

namespace millrace::service::s3 {

using TagMap = std::map<std::string, std::string>;

// x-amz-tagging: "a=1&b=2", URL-encoded. InvalidArgument where it is not; InvalidTag, BadRequest as below.
aws::Outcome<TagMap> parse_tagging_header(std::string_view header, size_t tags_max);
// InvalidTag for keys or values too long, twice the same key, or the reserved prefix aws:; BadRequest over `tags_max`.
aws::Outcome<TagMap> tags_of(const std::vector<aws::s3::Tag>& tags, size_t tags_max);
std::vector<aws::s3::Tag> to_shapes(const TagMap& tags);

}  // namespace millrace::service::s3
