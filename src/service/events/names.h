// Which bus, rule, archive a request means, and pages of lists.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/aws/failure.h"
#include "src/base/base64.h"
#include "src/base/scope.h"
#include "src/service/events/errors.h"

namespace millrace::service::events {

struct BusName {
    Scope scope;
    std::string name;
};
// A name of the caller's own, or an ARN, perhaps another account's; absent: "default".
BusName bus_name(const Scope& caller, const std::optional<std::string>& text);
// The same, where the bus has to be the caller's: AccessDeniedException for another account's. A bus's policy lets
// others put events on it (bus_policy.h), and nothing else.
aws::Outcome<BusName> own_bus(const Scope& caller, const std::optional<std::string>& text);
// "orders" of "arn:aws:events:us-east-1:000000000000:archive/orders"; validation where it is no ARN of that kind.
aws::Outcome<BusName> name_of_arn(const Scope& caller, const std::string& arn, std::string_view kind);

template <class T>
struct Page {
    std::vector<T> items;
    std::optional<std::string> next_token;
};

constexpr int page_max = 100;

// The part of `all` (by ascending name) that comes after the token's name.
template <class T, class NameOf>
aws::Outcome<Page<T>> page_of(std::vector<T> all, NameOf name_of, const std::optional<std::string>& token,
                              std::optional<int> limit) {
    std::string after;
    if (token && !base64_decode(*token, &after)) return validation("NextToken is not one that was answered.");
    Page<T> out;
    const auto count_max = static_cast<size_t>(limit.value_or(page_max));
    for (T& each : all) {
        if (token && !(after < name_of(each))) continue;
        if (out.items.size() == count_max) {
            out.next_token = base64_encode(name_of(out.items.back()));
            break;
        }
        out.items.push_back(std::move(each));
    }
    return out;
}

inline bool has_prefix(const std::string& name, const std::optional<std::string>& prefix) {
    return !prefix || name.starts_with(*prefix);
}

inline std::optional<std::string> unless_empty(std::string text) {
    if (text.empty()) return std::nullopt;
    return text;
}

}  // namespace millrace::service::events
