#include "src/service/s3/integrity.h"

#include <algorithm>
#include <cctype>

#include "src/base/base64.h"
#include "src/base/bytes.h"
#include "src/service/s3/errors.h"

namespace millrace::service::s3 {
namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::tolower(c); });
    return out;
}

aws::Failure bad_digest(std::string_view what) {
    return {"BadDigest", "The " + std::string(what) + " you specified did not match what we received.", 400, {}, {}};
}

}  // namespace

namespace detail {

aws::Outcome<void> take_checksum(std::string_view algorithm, const std::optional<std::string>& value,
                                 std::optional<object::Checksum>& into) {
    if (!value) return {};
    if (into) {
        return invalid_request("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
    }
    // "-N" follows where the checksum is composite (of a completed multipart upload).
    const std::string_view digits = std::string_view(*value).substr(0, value->find('-'));
    std::string raw;
    if (!base64_decode(digits, &raw) || raw.size() != object::checksum_bytes(algorithm)) {
        return invalid_request("Value for x-amz-checksum-" + lower(algorithm) + " header is invalid.");
    }
    into = object::Checksum{std::string(algorithm), *value, digits.size() != value->size()};
    return {};
}

aws::Outcome<std::optional<std::string>> trailer_algorithm(const http::RequestHead& head) {
    constexpr std::string_view prefix = "x-amz-checksum-";
    const std::string trailer = lower(head.headers.get("x-amz-trailer"));
    if (!trailer.starts_with(prefix)) return std::optional<std::string>();
    std::string name = trailer.substr(prefix.size());
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::toupper(c); });
    TRY_ASSIGN(name, known_algorithm(name));
    return std::optional<std::string>(std::move(name));
}

}  // namespace detail

aws::Outcome<std::optional<std::string>> parse_content_md5(const std::optional<std::string>& header) {
    if (!header) return std::optional<std::string>();
    std::string raw;
    if (!base64_decode(*header, &raw) || raw.size() != 16) {
        return aws::Failure{
            "InvalidDigest", "The Content-MD5 you specified was invalid.", 400, {{"Content-MD5", *header}}, {}};
    }
    return std::optional<std::string>(hex_encode(raw));
}

aws::Outcome<std::string> known_algorithm(std::string_view name) {
    if (object::is_checksum_algorithm(name)) return std::string(name);
    for (std::string_view known : {"SHA512", "MD5", "XXHASH64", "XXHASH3", "XXHASH128"}) {
        if (name == known) {
            return not_implemented("checksum algorithm " + std::string(name),
                                   "use CRC32, CRC32C, CRC64NVME, SHA1 or SHA256");
        }
    }
    return invalid_request(
        "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
        "[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
}

aws::Outcome<void> verify(const Claims& claims, object::Upload& upload, object::RunningChecksum* other) {
    if (claims.md5_hex && *claims.md5_hex != upload.etag_so_far()) return bad_digest("Content-MD5");
    if (!claims.checksum) return {};
    const std::optional<object::Checksum> computed =
        other != nullptr ? std::optional(other->value()) : upload.checksum_so_far();
    if (!computed || computed->value != claims.checksum->value) return bad_digest(claims.checksum->algorithm);
    return {};
}

}  // namespace millrace::service::s3
