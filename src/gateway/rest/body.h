// Bodies between text, base64 and bytes (contentHandling), and their compression.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace millrace::gateway {

constexpr size_t body_bytes_max = 10 << 20;  // AWS's payload limit

// What becomes of a body that is binary or not, by contentHandling ("", "CONVERT_TO_BINARY", "CONVERT_TO_TEXT").
// nullopt: it should be base64 and is not.
std::optional<std::string> convert_request(std::string body, bool binary, std::string_view handling);
// The same for answers; `accepts_binary`: the first type of Accept is one of the API's binary media types.
std::optional<std::string> convert_answer(std::string body, bool binary, bool accepts_binary,
                                          std::string_view handling);

std::string gzip(std::string_view body);
// Whether an Accept-Encoding admits gzip.
bool accepts_gzip(std::string_view accept_encoding);

}  // namespace millrace::gateway
