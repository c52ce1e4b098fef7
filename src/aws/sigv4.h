// Signature Version 4, the parts that server and client share.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/aws/sha256.h"
#include "src/base/url_text.h"
#include "src/http/message.h"

namespace millrace::aws {

// "AKID/20261120/us-east-1/kinesis/aws4_request": views into what was parsed.
struct CredentialScope {
    std::string_view access_key;
    std::string_view date;
    std::string_view region;
    std::string_view service;
    std::string_view text;  // from the date on: what string-to-sign repeats
};
std::optional<CredentialScope> parse_credential(std::string_view credential);

enum class AuthForm : uint8_t {
    none,          // neither header nor query parameters
    header,        // Authorization: AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...
    presigned,     // ?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=...
    presigned_v2,  // ?AWSAccessKeyId=...&Expires=...&Signature=...: sigv2.h
    asymmetric,    // SigV4A: not served
    unreadable,    // one of the above, cut or mangled
    other,         // another scheme: Basic, Bearer, AWS (version 2's header)
};

// What a request says of its signature. Owns what had to be decoded; the rest are views into the head.
struct Authorization {
    AuthForm form = AuthForm::none;
    CredentialScope scope;
    std::vector<std::string_view> signed_headers;
    std::string_view signature;
    std::string_view date_time;  // x-amz-date (or Date): 20261120T183000Z; of presigned_v2 Expires: seconds since 1970
    std::string_view payload_hash;                                       // x-amz-content-sha256, "" where absent
    uint32_t expires_s = 0;                                              // presigned
    std::string decoded_credential, decoded_headers, decoded_signature;  // presigned: the views point here

    Authorization() = default;
    Authorization(const Authorization&) = delete;
    Authorization& operator=(const Authorization&) = delete;
};
// Never fails: what can not be read is said by `form`.
void parse_authorization(const http::RequestHead& head, Authorization* out);

// Appends the canonical request. `once`: S3's rule, the path is encoded once as it came; elsewhere each segment is
// encoded again and dot segments are removed. Returns false where a signed header is absent.
bool append_canonical_request(const http::RequestHead& head, const std::vector<std::string_view>& signed_headers,
                              std::string_view payload_hash, bool once, bool presigned, std::string* out);

// "AWS4-HMAC-SHA256\n" date "\n" scope "\n" hash
void append_string_to_sign(std::string_view date_time, std::string_view scope, std::string_view canonical_request,
                           std::string* out);

// The key of a day, region and service.
HmacSha256 signing_key(std::string_view secret, std::string_view date, std::string_view region,
                       std::string_view service);

constexpr std::string_view algorithm_name = "AWS4-HMAC-SHA256";
constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";
constexpr std::string_view empty_sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

using millrace::append_uri_encoded;

}  // namespace millrace::aws
