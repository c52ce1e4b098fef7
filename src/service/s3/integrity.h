// What a client says about its bytes, checked before they become visible: Content-MD5 and x-amz-checksum-*.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "src/aws/failure.h"
#include "src/http/message.h"
#include "src/object/checksums.h"
#include "src/object/store.h"

namespace millrace::service::s3 {

struct Claims {
    std::optional<std::string> md5_hex;
    std::optional<object::Checksum> checksum;  // from a header
    // The one named by a header, by x-amz-trailer (its value is verified where the trailer is read) or by
    // x-amz-sdk-checksum-algorithm.
    std::optional<std::string> algorithm;
};

// The checksum among a shape's members. InvalidRequest for two, or one that is not base64 of its size.
template <class T>
aws::Outcome<std::optional<object::Checksum>> checksum_in(const T& shape);
// Sets the member of its algorithm.
template <class T>
void set_checksum(T& shape, const std::optional<object::Checksum>& checksum);

// Content-MD5 as hexadecimal; InvalidDigest.
aws::Outcome<std::optional<std::string>> parse_content_md5(const std::optional<std::string>& header);
// A checksum algorithm that S3 knows: one of ours, or NotImplemented by name. InvalidRequest for others.
aws::Outcome<std::string> known_algorithm(std::string_view name);

// Of PutObject and UploadPart.
template <class Input>
aws::Outcome<Claims> claims_of(const Input& input, const http::RequestHead& head);

// Compares with what was written: BadDigest. `other` is the running sum where the client's algorithm is not the one
// that the upload computes.
aws::Outcome<void> verify(const Claims& claims, object::Upload& upload, object::RunningChecksum* other);

// --- below: how ---

namespace detail {
aws::Outcome<void> take_checksum(std::string_view algorithm, const std::optional<std::string>& value,
                                 std::optional<object::Checksum>& into);
aws::Outcome<std::optional<std::string>> trailer_algorithm(const http::RequestHead& head);
}  // namespace detail

template <class T>
aws::Outcome<std::optional<object::Checksum>> checksum_in(const T& shape) {
    std::optional<object::Checksum> found;
    TRY(detail::take_checksum("CRC32", shape.ChecksumCRC32, found));
    TRY(detail::take_checksum("CRC32C", shape.ChecksumCRC32C, found));
    TRY(detail::take_checksum("CRC64NVME", shape.ChecksumCRC64NVME, found));
    TRY(detail::take_checksum("SHA1", shape.ChecksumSHA1, found));
    TRY(detail::take_checksum("SHA256", shape.ChecksumSHA256, found));
    return found;
}

template <class T>
void set_checksum(T& shape, const std::optional<object::Checksum>& checksum) {
    if (!checksum) return;
    if (checksum->algorithm == "CRC32") shape.ChecksumCRC32 = checksum->value;
    if (checksum->algorithm == "CRC32C") shape.ChecksumCRC32C = checksum->value;
    if (checksum->algorithm == "CRC64NVME") shape.ChecksumCRC64NVME = checksum->value;
    if (checksum->algorithm == "SHA1") shape.ChecksumSHA1 = checksum->value;
    if (checksum->algorithm == "SHA256") shape.ChecksumSHA256 = checksum->value;
}

template <class Input>
aws::Outcome<Claims> claims_of(const Input& input, const http::RequestHead& head) {
    Claims claims;
    TRY_ASSIGN(claims.md5_hex, parse_content_md5(input.ContentMD5));
    TRY_ASSIGN(claims.checksum, checksum_in(input));
    TRY_ASSIGN(claims.algorithm, detail::trailer_algorithm(head));
    if (claims.checksum && claims.algorithm) {
        return aws::Failure{"InvalidRequest",
                            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
                            400,
                            {},
                            {}};
    }
    if (claims.checksum) claims.algorithm = claims.checksum->algorithm;
    if (!claims.algorithm && input.ChecksumAlgorithm) {
        TRY_ASSIGN(claims.algorithm, known_algorithm(*input.ChecksumAlgorithm));
    }
    return claims;
}

}  // namespace millrace::service::s3
