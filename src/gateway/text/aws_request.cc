#include "src/gateway/text/aws_request.h"

namespace millrace::gateway {
namespace {

constexpr std::string_view own_paths = "/_millrace/", ours = "execute-api";

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

}  // namespace

bool is_for_aws(const http::RequestHead& head) {
    if (head.path.starts_with(own_paths) || head.headers.find("x-amz-target") != nullptr) return true;
    const std::string_view signature = head.headers.get("authorization");
    // "AWS4-HMAC-SHA256 Credential=KEY/20261121/us-east-1/SERVICE/aws4_request, ..."; "AWS KEY:..." is S3's first.
    if (signature.starts_with("AWS4-")) return !contains(signature, std::string("/") + std::string(ours) + "/");
    if (signature.starts_with("AWS ")) return true;
    const size_t credential = head.query.find("X-Amz-Credential=");
    if (credential != std::string::npos) {
        const std::string_view rest = std::string_view(head.query).substr(credential);
        return !contains(rest.substr(0, rest.find('&')), ours);
    }
    return contains(head.query, "AWSAccessKeyId=") && contains(head.query, "Signature=");
}

}  // namespace millrace::gateway
