// Of S3's requests whose body is gathered (DeleteObjects, PutBucketTagging...): Content-MD5 and x-amz-checksum-* say
// what the body is. Streamed bodies are checked where they are read: trailers by the payload reader, the rest by S3.
#pragma once

#include <optional>
#include <string_view>

#include "src/aws/failure.h"
#include "src/http/message.h"

namespace millrace::aws {

// BadDigest where one does not match, InvalidDigest where Content-MD5 is not one, InvalidRequest where `required` and
// none came, NotImplemented for a checksum that we do not compute. `checksums_are_of_body` is false where the operation
// has the same headers as members: there they are an object's (CompleteMultipartUpload).
std::optional<Failure> check_body_digests(const http::RequestHead& head, std::string_view body, bool required,
                                          bool checksums_are_of_body);

}  // namespace millrace::aws
