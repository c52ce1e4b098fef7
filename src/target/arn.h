// The parts of an ARN: arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE
#pragma once

#include <optional>
#include <string_view>

#include "src/base/scope.h"

namespace millrace::target {

struct Arn {  // views of the text
    std::string_view service;
    std::string_view region;   // may be ""
    std::string_view account;  // may be ""
    std::string_view resource;

    Scope scope(const Scope& otherwise) const;  // with what is "" here taken from `otherwise`
    // "stream/orders" after "stream/" is "orders"; nullopt where the resource begins otherwise, or nothing follows.
    std::optional<std::string_view> after(std::string_view prefix) const;
};

std::optional<Arn> parse_arn(std::string_view text);

}  // namespace millrace::target
