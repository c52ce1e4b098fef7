#include "src/vtl/json_path_compare.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include <re2/re2.h>

namespace millrace::vtl {
namespace {

constexpr std::pair<std::string_view, Comparison> operators[] = {
    {"==", Comparison::equal},          {"!=", Comparison::not_equal},
    {"=~", Comparison::matches},        {"<=", Comparison::less_equal},
    {">=", Comparison::greater_equal},  {"<", Comparison::less},
    {">", Comparison::greater},         {"in", Comparison::in},
    {"nin", Comparison::not_in},        {"subsetof", Comparison::subset_of},
    {"anyof", Comparison::any_of},      {"noneof", Comparison::none_of},
    {"contains", Comparison::contains}, {"size", Comparison::size},
    {"empty", Comparison::empty},
};

bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool among(const Value& value, const List& list) {
    return std::any_of(list.begin(), list.end(), [&](const Value& each) { return each.equals(value); });
}

bool is_size(const Value& left, const Value& right) {
    const List* list = left.list();
    const std::string* text = left.string();
    return (list || text) && right.is_number() &&
           right.number() == static_cast<double>(list ? list->size() : text->size());
}

bool is_empty(const Value& left, const Value& right) {
    const List* list = left.list();
    const std::string* text = left.string();
    return (list || text) && right.boolean() && *right.boolean() == (list ? list->empty() : text->empty());
}

bool ordered(Comparison how, const Value& left, const Value& right) {
    int order = 0;
    if (left.is_number() && right.is_number()) {
        order = left.number() < right.number() ? -1 : left.number() > right.number() ? 1 : 0;
    } else if (left.string() && right.string()) {
        order = left.string()->compare(*right.string());
    } else {
        return false;
    }
    switch (how) {
        case Comparison::less:
            return order < 0;
        case Comparison::less_equal:
            return order <= 0;
        case Comparison::greater:
            return order > 0;
        default:
            return order >= 0;
    }
}

// Of lists: how many of `left` are in `right`.
size_t shared(const List& left, const List& right) {
    return static_cast<size_t>(
        std::count_if(left.begin(), left.end(), [&](const Value& each) { return among(each, right); }));
}

}  // namespace

std::optional<Comparison> take_comparison(std::string_view* rest) {
    for (const auto& [text, how] : operators) {
        if (!rest->starts_with(text)) continue;
        if (is_name(text.front()) && rest->size() > text.size() && is_name((*rest)[text.size()])) continue;
        rest->remove_prefix(text.size());
        return how;
    }
    return std::nullopt;
}

bool compare(Comparison how, const std::optional<Value>& left, const std::optional<Value>& right) {
    if (!left || !right) return how == Comparison::not_equal && left.has_value() != right.has_value();
    const List* one = left->list();
    const List* other = right->list();
    switch (how) {
        case Comparison::equal:
            return left->equals(*right);
        case Comparison::not_equal:
            return !left->equals(*right);
        case Comparison::matches:
            return false;  // its right side is a pattern
        case Comparison::in:
            return other && among(*left, *other);
        case Comparison::not_in:
            return other && !among(*left, *other);
        case Comparison::subset_of:
            return one && other && shared(*one, *other) == one->size();
        case Comparison::any_of:
            return one && other && shared(*one, *other) > 0;
        case Comparison::none_of:
            return one && other && shared(*one, *other) == 0;
        case Comparison::contains:
            if (one) return among(*right, *one);
            return left->string() && right->string() && left->string()->find(*right->string()) != std::string::npos;
        case Comparison::size:
            return is_size(*left, *right);
        case Comparison::empty:
            return is_empty(*left, *right);
        default:
            return ordered(how, *left, *right);
    }
}

Result<Pattern> take_pattern(std::string_view* rest) {
    rest->remove_prefix(1);
    size_t end = 0;
    while (end < rest->size() && (*rest)[end] != '/') end += (*rest)[end] == '\\' ? 2 : 1;
    if (end >= rest->size()) return Error{ErrorCode::invalid_argument, "JSON path: a pattern is not closed"};
    const std::string text(rest->substr(0, end));
    rest->remove_prefix(end + 1);
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(1 << 20);
    for (; !rest->empty() && is_name(rest->front()); rest->remove_prefix(1)) {
        if (rest->front() == 'i') options.set_case_sensitive(false);
        if (rest->front() == 's') options.set_dot_nl(true);
    }
    auto pattern = std::make_shared<const re2::RE2>(text, options);
    if (!pattern->ok()) return Error{ErrorCode::invalid_argument, "JSON path: no pattern: " + pattern->error()};
    return Pattern(std::move(pattern));
}

bool matches(const Pattern& pattern, const std::optional<Value>& left) {
    return left && !left->list() && !left->map() && re2::RE2::FullMatch(left->text(), *pattern);
}

bool is_aggregate(std::string_view name) {
    return name == "min" || name == "max" || name == "avg" || name == "stddev" || name == "sum";
}

std::optional<Value> aggregate(std::string_view name, const Value& list) {
    if (!list.list()) return std::nullopt;
    double sum = 0, squares = 0, least = 0, most = 0, count = 0;
    for (const Value& each : *list.list()) {
        if (!each.is_number()) continue;
        const double number = each.number();
        least = count == 0 ? number : std::min(least, number);
        most = count == 0 ? number : std::max(most, number);
        sum += number;
        squares += number * number;
        ++count;
    }
    if (count == 0) return std::nullopt;
    if (name == "min") return least;
    if (name == "max") return most;
    if (name == "sum") return sum;
    if (name == "avg") return sum / count;
    return std::sqrt(std::max(squares / count - sum * sum / (count * count), 0.0));
}

}  // namespace millrace::vtl
