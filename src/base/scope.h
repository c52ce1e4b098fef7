// Whose resources: AWS keeps most of them apart by account and region, and so do we.
#pragma once

#include <compare>
#include <string>

namespace millrace {

struct Scope {
    std::string account = "000000000000";  // 12 digits
    std::string region = "us-east-1";
    auto operator<=>(const Scope&) const = default;
};

}  // namespace millrace
