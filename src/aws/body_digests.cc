#include "src/aws/body_digests.h"

#include <string>

#include "src/base/base64.h"
#include "src/base/checksum.h"

namespace millrace::aws {
namespace {

template <class Word>
std::string big_endian(Word value) {
    std::string out(sizeof(Word), '\0');
    for (size_t i = sizeof(Word); i-- > 0; value = static_cast<Word>(value >> 8)) out[i] = static_cast<char>(value);
    return out;
}

// The raw value of the checksum that a header is named after; empty for one that we do not compute.
std::string computed(std::string_view algorithm, std::string_view body) {
    if (algorithm == "crc32") return big_endian(crc32(0, body));
    if (algorithm == "crc32c") return big_endian(crc32c(0, body));
    if (algorithm == "crc64nvme") return big_endian(crc64nvme(0, body));
    if (algorithm == "sha1") return sha1(body);
    if (algorithm == "sha256") return sha256(body);
    return {};
}

}  // namespace

std::optional<Failure> check_body_digests(const http::RequestHead& head, std::string_view body, bool required,
                                          bool checksums_are_of_body) {
    constexpr std::string_view prefix = "x-amz-checksum-";
    bool came = head.headers.find("x-amz-trailer") != nullptr;  // verified where the body was decoded
    if (const std::string* given = head.headers.find("content-md5")) {
        std::string raw;
        if (!base64_decode(*given, &raw) || raw.size() != 16) {
            return Failure{
                "InvalidDigest", "The Content-MD5 you specified was invalid.", 400, {{"Content-MD5", *given}}, {}};
        }
        if (raw != md5(body)) {
            return Failure{"BadDigest", "The Content-MD5 you specified did not match what we received.", 400, {}, {}};
        }
        came = true;
    }
    if (!checksums_are_of_body) return std::nullopt;
    for (const auto& [name, value] : head.headers.fields()) {
        if (!name.starts_with(prefix)) continue;
        const std::string_view algorithm = std::string_view(name).substr(prefix.size());
        if (algorithm == "type" || algorithm == "mode" || algorithm == "algorithm") continue;
        const std::string expected = computed(algorithm, body);
        if (expected.empty()) {
            return Failure{"NotImplemented",
                           "Millrace does not honour " + name +
                               ": use crc32, crc32c, crc64nvme, sha1 "
                               "or sha256",
                           501,
                           {},
                           {}};
        }
        if (value != base64_encode(expected)) {
            return Failure{"BadDigest",
                           "The " + std::string(algorithm) + " you specified did not match the calculated checksum.",
                           400,
                           {},
                           {}};
        }
        came = true;
    }
    if (required && !came) {
        return Failure{
            "InvalidRequest", "Missing required header for this request: Content-MD5 OR x-amz-checksum-*", 400, {}, {}};
    }
    return std::nullopt;
}

}  // namespace millrace::aws
