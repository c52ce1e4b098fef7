#include "src/target/arn.h"

#include <array>

namespace millrace::target {

std::optional<Arn> parse_arn(std::string_view text) {
    std::array<std::string_view, 5> parts;  // arn, partition, service, region, account
    for (std::string_view& part : parts) {
        const size_t colon = text.find(':');
        if (colon == std::string_view::npos) return std::nullopt;
        part = text.substr(0, colon);
        text.remove_prefix(colon + 1);
    }
    if (parts[0] != "arn" || parts[1].substr(0, 3) != "aws" || parts[2].empty() || text.empty()) return std::nullopt;
    return Arn{parts[2], parts[3], parts[4], text};
}

Scope Arn::scope(const Scope& otherwise) const {
    return {account.empty() ? otherwise.account : std::string(account),
            region.empty() ? otherwise.region : std::string(region)};
}

std::optional<std::string_view> Arn::after(std::string_view prefix) const {
    if (!resource.starts_with(prefix) || resource.size() == prefix.size()) return std::nullopt;
    return resource.substr(prefix.size());
}

}  // namespace millrace::target
