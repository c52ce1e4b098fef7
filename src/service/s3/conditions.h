// Conditional requests: RFC 9110, section 13.2.2, with S3's codes.
#pragma once

#include <optional>
#include <string>

#include "src/aws/failure.h"
#include "src/object/store.h"

namespace millrace::service::s3 {

struct ReadConditions {
    std::optional<std::string> if_match;
    std::optional<std::string> if_none_match;
    std::optional<TimestampMs> if_modified_since;
    std::optional<TimestampMs> if_unmodified_since;
};

// PreconditionFailed (412), or NotModified (304, with the headers that a cache needs).
aws::Outcome<void> check_read(const ReadConditions& conditions, const object::ObjectInfo& object);
// The same for x-amz-copy-source-if-*: 412 always.
aws::Outcome<void> check_copy_source(const ReadConditions& conditions, const object::ObjectInfo& object);

// Of If-Match and If-None-Match of a write. NotImplemented for If-None-Match other than "*", as S3.
aws::Outcome<void> take_write_conditions(const std::optional<std::string>& if_match,
                                         const std::optional<std::string>& if_none_match, object::PutOptions& into);

// "Wed, 21 Oct 2015 07:28:00 GMT".
std::string http_date(TimestampMs time);

}  // namespace millrace::service::s3
