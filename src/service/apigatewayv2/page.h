// Lists in pages: by key, strictly after NextToken.
#pragma once

#include <charconv>
#include <string>

#include "src/service/apigatewayv2/errors.h"

namespace millrace::service::apigatewayv2 {

constexpr size_t page_max = 500;

// Fills Items and NextToken of `out` from a map by id; `show` makes an item of a value.
template <class Input, class Map, class Output, class Show>
Status fill_page(const Input& input, const Map& map, Output& out, const Show& show) {
    size_t limit = page_max;
    if (input.MaxResults) {
        const std::string& text = *input.MaxResults;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), limit);
        if (read.ec != std::errc() || read.ptr != text.data() + text.size() || limit == 0) {
            return bad_request("Invalid value for maxResults. Must be a number between 1 and 500");
        }
        limit = std::min(limit, page_max);
    }
    out.Items.emplace();
    auto at = input.NextToken ? map.upper_bound(*input.NextToken) : map.begin();
    for (; at != map.end() && out.Items->size() < limit; ++at) out.Items->push_back(show(at->second));
    if (at != map.end()) out.NextToken = std::prev(at)->first;
    return {};
}

}  // namespace millrace::service::apigatewayv2
