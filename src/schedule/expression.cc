#include "src/schedule/expression.h"

#include <algorithm>
#include <string>

#include "src/base/calendar.h"

namespace millrace::schedule {
namespace {

constexpr size_t text_bytes_max = 1024;
constexpr int64_t minute_ms = 60'000;
constexpr int64_t end_of_years_ms = 7'258'118'400'000;  // 2200-01-01T00:00:00Z

Error wrong(std::string message) {
    return {ErrorCode::invalid_argument, std::move(message)};
}

// "5 minutes" in milliseconds.
Result<int64_t> parse_rate(std::string_view text, Expression::Dialect dialect) {
    const Error shape = wrong("a rate is a whole number above 0, a space and minutes, hours or days: rate(5 minutes)");
    const size_t space = text.find(' ');
    if (space == std::string_view::npos || space == 0 || space > 9) return shape;
    int64_t count = 0;
    for (const char c : text.substr(0, space)) {
        if (c < '0' || c > '9') return shape;
        count = count * 10 + (c - '0');
    }
    if (count == 0) return shape;
    std::string_view unit = text.substr(std::min(text.find_first_not_of(' ', space), text.size()));
    const bool plural = unit.ends_with('s');
    if (dialect == Expression::Dialect::rule && plural != (count != 1)) {
        return wrong("a rate of 1 wants minute, hour or day, any other minutes, hours or days");
    }
    if (plural) unit.remove_suffix(1);
    if (unit == "minute") return count * minute_ms;
    if (unit == "hour") return count * 60 * minute_ms;
    if (unit == "day") return count * 1440 * minute_ms;
    return shape;
}

// "2026-11-20T13:00:00" on the wall, in seconds since 1970.
Result<int64_t> parse_wall(std::string_view text) {
    const Error shape = wrong("a one-time schedule is at(yyyy-mm-ddThh:mm:ss)");
    constexpr std::string_view picture = "0000-00-00T00:00:00";
    if (text.size() != picture.size()) return shape;
    for (size_t i = 0; i < picture.size(); ++i) {
        if (picture[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != picture[i]) return shape;
    }
    const auto number = [&](size_t at, size_t size) {
        int value = 0;
        for (const char c : text.substr(at, size)) value = value * 10 + (c - '0');
        return value;
    };
    const int year = number(0, 4), month = number(5, 2), day = number(8, 2);
    const int hour = number(11, 2), minute = number(14, 2), second = number(17, 2);
    const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    if (year < Cron::year_min || year > Cron::year_max || !date.ok() || hour > 23 || minute > 59 || second > 59) {
        return shape;
    }
    return days_from_civil(year, month, day) * 86'400 + hour * 3600 + minute * 60 + second;
}

}  // namespace

Result<Expression> Expression::parse(std::string_view text, std::string_view zone, Dialect dialect) {
    const size_t open = text.find('(');
    if (open == std::string_view::npos || text.back() != ')' || text.size() > text_bytes_max) {
        return wrong("a schedule expression is rate(...), cron(...) or at(...)");
    }
    const std::string_view name = text.substr(0, open);
    const std::string_view inner = text.substr(open + 1, text.size() - open - 2);
    Expression expression;
    TRY_ASSIGN(expression.zone_, io::TimeZone::shared(zone.empty() ? "UTC" : zone));
    if (name == "rate") {
        expression.kind_ = Kind::rate;
        TRY_ASSIGN(expression.period_ms_, parse_rate(inner, dialect));
        return expression;
    }
    if (name == "cron") {
        expression.kind_ = Kind::cron;
        TRY_ASSIGN(expression.cron_, Cron::parse(inner));
        return expression;
    }
    if (name == "at" && dialect == Dialect::scheduler) {
        expression.kind_ = Kind::at;
        TRY_ASSIGN(const int64_t wall, parse_wall(inner));
        const std::optional<int64_t> moment = expression.zone_->first_moment_of(wall);
        // Skipped by the clock: read with the offset from before it was moved.
        expression.moment_ms_ = moment.value_or(wall - expression.zone_->offset_at(wall - 16 * 3600)) * 1000;
        return expression;
    }
    return wrong(dialect == Dialect::rule ? "a rule's schedule expression is rate(...) or cron(...)"
                                          : "a schedule expression is rate(...), cron(...) or at(...)");
}

std::optional<TimestampMs> Expression::next(TimestampMs after, TimestampMs anchor) const {
    const int64_t after_ms = std::max<int64_t>(after.value(), -1);
    if (after_ms >= end_of_years_ms) return std::nullopt;
    switch (kind_) {
        case Kind::at:
            if (moment_ms_ > after_ms) return TimestampMs(moment_ms_);
            return std::nullopt;
        case Kind::rate:
            if (anchor.value() > after_ms) return anchor;
            return TimestampMs(anchor.value() + ((after_ms - anchor.value()) / period_ms_ + 1) * period_ms_);
        case Kind::cron:
            return next_cron(after_ms);
    }
    return std::nullopt;
}

std::optional<TimestampMs> Expression::next_cron(int64_t after_ms) const {
    const int64_t after_s = floor_divide(after_ms, 1000);
    std::optional<int64_t> minute = floor_divide(after_s + zone_->offset_at(after_s), 60);
    // A minute that the clock skips is not there; one that it shows a second time was due before. Both last as long as
    // clocks are moved by: hours, never years.
    while ((minute = cron_.next(*minute))) {
        const std::optional<int64_t> moment = zone_->first_moment_of(*minute * 60);
        if (moment && *moment * 1000 > after_ms) return TimestampMs(*moment * 1000);
    }
    return std::nullopt;
}

}  // namespace millrace::schedule
