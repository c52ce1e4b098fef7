// Percent-encoding of what goes into a URL (RFC 3986): all but unreserved characters.
#pragma once

#include <string>
#include <string_view>

namespace millrace::target {

std::string percent_encoded(std::string_view text);

}  // namespace millrace::target
