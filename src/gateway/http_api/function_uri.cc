#include "src/gateway/http_api/function_uri.h"

namespace millrace::gateway::http_api {

std::optional<std::string> function_arn_of(std::string_view uri) {
    constexpr std::string_view before = ":lambda:path/2015-03-31/functions/";
    constexpr std::string_view behind = "/invocations";
    if (const size_t at = uri.find(before); at != std::string_view::npos && uri.ends_with(behind)) {
        uri.remove_suffix(behind.size());
        if (uri.size() < at + before.size()) return std::nullopt;
        uri = uri.substr(at + before.size());
    }
    if (!uri.starts_with("arn:") || uri.find(":lambda:") == std::string_view::npos) return std::nullopt;
    return std::string(uri);
}

}  // namespace millrace::gateway::http_api
