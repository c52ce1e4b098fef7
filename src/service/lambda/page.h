// Pages of lists: the marker is where the page ended, in base64, so it stays good across restarts and changes.
#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "src/aws/failure.h"
#include "src/base/base64.h"
#include "src/service/lambda/errors.h"

namespace millrace::service::lambda {

inline aws::Outcome<std::string> decode_marker(const std::optional<std::string>& marker) {
    std::string after;
    if (marker && !base64_decode(*marker, &after)) return invalid_parameter("Invalid Marker was supplied.");
    return after;
}

inline size_t page_size(const std::optional<int32_t>& asked, size_t most) {
    return asked ? std::min(static_cast<size_t>(std::max(*asked, 1)), most) : most;
}

// Takes what is beyond the page off `items` (one more than a page was asked for) and returns the marker of the next.
template <class T, class NameOf>
std::optional<std::string> cut_page(std::vector<T>& items, size_t page, NameOf name_of) {
    if (items.size() <= page) return std::nullopt;
    items.resize(page);
    return base64_encode(std::string_view(name_of(items.back())));
}

}  // namespace millrace::service::lambda
