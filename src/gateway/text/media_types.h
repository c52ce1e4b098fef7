// Which bodies are binary: an API's binary media types, https://docs.aws.amazon.com/apigateway/latest/developerguide/
// api-gateway-payload-encodings.html. "*/*" is every one; "image/*" is taken as a prefix, which AWS is not.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace millrace::gateway {

// "text/html; charset=utf-8" is "text/html"; "" stays so. In lower case.
std::string media_type_of(std::string_view header);
// The first type that an Accept header names: the only one that API Gateway looks at.
std::string first_accepted(std::string_view accept);
bool is_binary(const std::vector<std::string>& binary_media_types, std::string_view media_type);

}  // namespace millrace::gateway
