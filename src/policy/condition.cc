#include "src/policy/condition.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "src/policy/date.h"
#include "src/policy/wildcard.h"

namespace millrace::policy {
namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

std::optional<double> number_of(std::string_view text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

}  // namespace

Result<Condition> Condition::parse(std::string_view op, std::string_view key, std::vector<std::string> values) {
    Condition condition;
    condition.key_ = lower(key);
    condition.values_ = std::move(values);
    TRY(condition.read_operator(op));
    TRY(condition.read_values());
    return condition;
}

Status Condition::read_operator(std::string_view op) {
    struct Row {
        std::string_view name;
        Kind kind;
        bool negated = false;
        Order order = Order::equal;
    };
    static constexpr Row rows[] = {
        {"StringEquals", Kind::string},
        {"StringNotEquals", Kind::string, true},
        {"StringEqualsIgnoreCase", Kind::string_ignore_case},
        {"StringNotEqualsIgnoreCase", Kind::string_ignore_case, true},
        {"StringLike", Kind::string_like},
        {"StringNotLike", Kind::string_like, true},
        {"NumericEquals", Kind::numeric},
        {"NumericNotEquals", Kind::numeric, true},
        {"NumericLessThan", Kind::numeric, false, Order::less},
        {"NumericLessThanEquals", Kind::numeric, false, Order::less_equal},
        {"NumericGreaterThan", Kind::numeric, false, Order::greater},
        {"NumericGreaterThanEquals", Kind::numeric, false, Order::greater_equal},
        {"DateEquals", Kind::date},
        {"DateNotEquals", Kind::date, true},
        {"DateLessThan", Kind::date, false, Order::less},
        {"DateLessThanEquals", Kind::date, false, Order::less_equal},
        {"DateGreaterThan", Kind::date, false, Order::greater},
        {"DateGreaterThanEquals", Kind::date, false, Order::greater_equal},
        {"Bool", Kind::boolean},
        {"IpAddress", Kind::ip},
        {"NotIpAddress", Kind::ip, true},
        {"ArnEquals", Kind::arn},
        {"ArnLike", Kind::arn},
        {"ArnNotEquals", Kind::arn, true},
        {"ArnNotLike", Kind::arn, true},
        {"Null", Kind::null},
    };
    std::string_view name = op;
    if (name.starts_with("ForAllValues:")) {
        set_ = Set::all;
        name.remove_prefix(13);
    } else if (name.starts_with("ForAnyValue:")) {
        set_ = Set::any;
        name.remove_prefix(12);
    }
    if (name.ends_with("IfExists")) {
        if_exists_ = true;
        name.remove_suffix(8);
    }
    for (const Row& row : rows) {
        if (row.name != name || (row.kind == Kind::null && (if_exists_ || set_ != Set::none))) continue;
        kind_ = row.kind;
        negated_ = row.negated;
        order_ = row.order;
        return {};
    }
    return Error{ErrorCode::invalid_argument, "the condition operator " + std::string(op) + " is not evaluated here"};
}

Status Condition::read_values() {
    const auto bad = [this](const std::string& value, std::string_view what) {
        return Error{ErrorCode::invalid_argument,
                     "the condition on " + key_ + ": '" + value + "' is not " + std::string(what)};
    };
    for (const std::string& value : values_) {
        if (kind_ == Kind::numeric) {
            const std::optional<double> number = number_of(value);
            if (!number) return bad(value, "a number");
            numbers_.push_back(*number);
        } else if (kind_ == Kind::date) {
            const std::optional<int64_t> time = parse_date_ms(value);
            if (!time) return bad(value, "a date");
            numbers_.push_back(static_cast<double>(*time));
        } else if (kind_ == Kind::ip) {
            const std::optional<IpRange> range = IpRange::parse(value);
            if (!range) return bad(value, "an IP address or range");
            ranges_.push_back(*range);
        } else if ((kind_ == Kind::boolean || kind_ == Kind::null) && value != "true" && value != "false") {
            return bad(value, "true or false");
        }
    }
    return {};
}

bool Condition::one(const std::string& value) const {
    const auto by_number = [this](std::optional<double> number) {
        return number && std::any_of(numbers_.begin(), numbers_.end(), [&](double other) {
                   switch (order_) {
                       case Order::equal:
                           return *number == other;
                       case Order::less:
                           return *number < other;
                       case Order::less_equal:
                           return *number <= other;
                       case Order::greater:
                           return *number > other;
                       case Order::greater_equal:
                           return *number >= other;
                   }
                   return false;
               });
    };
    const auto by_text = [this](auto&& same) { return std::any_of(values_.begin(), values_.end(), same); };
    bool found = false;
    switch (kind_) {
        case Kind::string:
            found = by_text([&](const std::string& other) { return other == value; });
            break;
        case Kind::string_ignore_case:
        case Kind::boolean: {
            const std::string folded = lower(value);
            found = by_text([&](const std::string& other) { return lower(other) == folded; });
            break;
        }
        case Kind::string_like:
            found = by_text([&](const std::string& other) { return matches(other, value); });
            break;
        case Kind::arn:
            found = by_text([&](const std::string& other) { return arn_matches(other, value); });
            break;
        case Kind::numeric:
            found = by_number(number_of(value));
            break;
        case Kind::date: {
            const std::optional<int64_t> time = parse_date_ms(value);
            found = by_number(time ? std::optional<double>(static_cast<double>(*time)) : std::nullopt);
            break;
        }
        case Kind::ip: {
            const std::optional<IpRange> address = IpRange::parse(value);
            found = address && std::any_of(ranges_.begin(), ranges_.end(),
                                           [&](const IpRange& range) { return range.holds(*address); });
            break;
        }
        case Kind::null:
            break;
    }
    return found != negated_;
}

bool Condition::holds(const ContextKeys& keys) const {
    const auto at = std::find_if(keys.begin(), keys.end(), [this](const auto& entry) { return entry.first == key_; });
    const bool absent = at == keys.end() || at->second.empty();
    if (kind_ == Kind::null) {
        return std::any_of(values_.begin(), values_.end(),
                           [&](const std::string& value) { return (value == "true") == absent; });
    }
    if (absent) return if_exists_ || set_ == Set::all || (negated_ && set_ == Set::none);
    const auto test = [this](const std::string& value) { return one(value); };
    // Without a set operator AWS compares single values; of several, a negated operator has to hold for all.
    const bool all = set_ == Set::all || (set_ == Set::none && negated_);
    return all ? std::all_of(at->second.begin(), at->second.end(), test)
               : std::any_of(at->second.begin(), at->second.end(), test);
}

}  // namespace millrace::policy
