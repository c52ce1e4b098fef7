// Pages of lists: the token is where the page ended, in base64, so it stays good across restarts and changes.
#pragma once

#include <optional>
#include <string>

#include "src/aws/failure.h"
#include "src/base/base64.h"
#include "src/service/athena/errors.h"

namespace millrace::service::athena {

inline aws::Outcome<std::string> decode_token(const std::optional<std::string>& token) {
    std::string after;
    if (token && !base64_decode(*token, &after)) return invalid_request("The NextToken is not one of ours.");
    return after;
}

inline std::string encode_token(std::string_view after) {
    return base64_encode(after);
}

}  // namespace millrace::service::athena
