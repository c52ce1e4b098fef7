// NextTokens: the place where the next page begins, as base64 so that nobody builds them by hand.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "src/base/base64.h"
#include "src/service/scheduler/errors.h"

namespace millrace::service::scheduler {

inline size_t page_size(const std::optional<int32_t>& asked) {
    return static_cast<size_t>(asked.value_or(100));
}

inline std::optional<std::string> token_of(const std::string& place) {
    if (place.empty()) return std::nullopt;
    return base64_encode(place);
}

inline aws::Outcome<std::string> place_of(const std::optional<std::string>& token) {
    if (!token) return std::string();
    std::string place;
    if (!base64_decode(*token, &place)) return invalid("Invalid NextToken.");
    return place;
}

}  // namespace millrace::service::scheduler
