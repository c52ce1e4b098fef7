#include "src/service/logs/names.h"

#include <charconv>

#include "src/service/logs/errors.h"

namespace millrace::service::logs {
namespace {

constexpr size_t half = 28;

std::string padded(uint64_t number) {
    const std::string text = std::to_string(number);
    return std::string(half - text.size(), '0') + text;
}

bool number_of(std::string_view text, uint64_t& number) {
    for (const char c : text) {
        if (c < '0' || c > '9') return false;
    }
    return std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc();
}

}  // namespace

std::string group_arn(const Scope& scope, std::string_view group) {
    return "arn:aws:logs:" + scope.region + ":" + scope.account + ":log-group:" + std::string(group);
}

aws::Outcome<std::string> group_of_arn(const Scope& scope, std::string_view arn) {
    constexpr std::string_view kind = ":log-group:";
    const size_t at = arn.find(kind);
    if (!arn.starts_with("arn:") || at == arn.npos) return invalid_parameter("Invalid ARN: " + std::string(arn));
    std::string_view name = arn.substr(at + kind.size());
    if (name.ends_with(":*")) name.remove_suffix(2);
    if (arn.substr(0, at + kind.size()) != group_arn(scope, "")) return no_group();
    if (name.empty()) return invalid_parameter("Invalid ARN: " + std::string(arn));
    return std::string(name);
}

aws::Outcome<std::string> group_of(const Scope& scope, const std::optional<std::string>& name,
                                   const std::optional<std::string>& identifier) {
    if (name && identifier) {
        return invalid_parameter("LogGroup name and LogGroup identifier are mutually exclusive parameters.");
    }
    if (name) return *name;
    if (!identifier) return invalid_parameter("Either logGroupName or logGroupIdentifier is required.");
    if (identifier->starts_with("arn:")) return group_of_arn(scope, *identifier);
    return *identifier;
}

std::string digits(journal::Position position) {
    return padded(static_cast<uint64_t>(std::max<int64_t>(position.time_ms, 0))) + padded(position.arrival);
}

std::optional<journal::Position> position_of(std::string_view digits) {
    uint64_t time = 0, arrival = 0;
    if (digits.size() != 2 * half || !number_of(digits.substr(0, half), time) ||
        !number_of(digits.substr(half), arrival) || time > INT64_MAX) {
        return std::nullopt;
    }
    return journal::Position{static_cast<int64_t>(time), arrival};
}

}  // namespace millrace::service::logs
