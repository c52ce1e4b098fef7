// Signature Version 2 of S3's presigned URLs: ?AWSAccessKeyId=...&Expires=...&Signature=..., an HMAC-SHA1.
// https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html ("Query string request authentication")
//
// boto3 makes these for every endpoint that is not AWS's own, unless it is told signature_version="s3v4". Nothing else
// of version 2 is served: not the Authorization header, not the query services' SignatureVersion=2.
//
// Version 2 signs the method, the path as it came, the bucket of the host, Content-MD5, Content-Type, every x-amz-*
// header (also one that was moved into the query string), the expiry - and of the query string only what is named in
// its list. What is not named could be added to somebody's URL: so a parameter that would make another operation of the
// request is either in the list here, or the request is refused (unsigned_selector_of).
#pragma once

#include <string>
#include <string_view>

#include "src/aws/sigv4.h"
#include "src/http/message.h"

namespace millrace::aws {

// Whether the query string is of this form, whole or cut; then it is read into `out`: the access key, the signature
// (base64), and Expires as date_time, each "" where absent or not decodable.
bool parse_query_v2(const http::RequestHead& head, Authorization* out);

// Appends the StringToSign. `expires` is the parameter's text. False where a parameter's escapes can not be read.
bool append_string_to_sign_v2(const http::RequestHead& head, std::string_view expires, std::string* out);

// The base64 text of the HMAC-SHA1.
std::string signature_v2(std::string_view secret, std::string_view string_to_sign);

// Whether the request has that signature (base64; compared in constant time) under the secret.
bool is_signed_v2(const http::RequestHead& head, std::string_view expires, std::string_view secret,
                  std::string_view signature);

// A parameter that version 2 does not sign and that must not go by unsigned: it selects an operation, or is an x-amz-*
// that came twice, in capitals, or beside a header that says something else. "" where there is none.
std::string unsigned_selector_of(const http::RequestHead& head);

}  // namespace millrace::aws
