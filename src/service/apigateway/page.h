// Pages of lists: the position is where the page ended, in base64, so it stays good across restarts and changes.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "src/base/base64.h"
#include "src/service/apigateway/errors.h"
#include "src/service/apigateway/limits.h"

namespace millrace::service::apigateway {

// Of `all`, which is ordered by name_of(item), what follows input.position and is shown as an item of output.items.
template <class Output, class Input, class Items, class NameOf, class Show>
aws::Outcome<Output> page_of(const Input& input, const Items& all, NameOf name_of, Show show) {
    std::string after;
    if (input.position && !base64_decode(*input.position, &after)) {
        return bad_request("Invalid position parameter specified");
    }
    if (input.limit && (*input.limit < 0 || *input.limit > static_cast<int32_t>(page_max))) {
        return bad_request("Invalid limit parameter specified, must be between 1 and 500");
    }
    const size_t limit = input.limit && *input.limit > 0 ? static_cast<size_t>(*input.limit) : page_default;
    Output output;
    auto& items = output.items.emplace();
    const std::string* last = nullptr;
    for (const auto& item : all) {
        const std::string& name = name_of(item);
        if (input.position && name <= after) continue;
        if (items.size() == limit) {
            output.position = base64_encode(std::string_view(*last));
            break;
        }
        items.push_back(show(item));
        last = &name;
    }
    return output;
}

}  // namespace millrace::service::apigateway
