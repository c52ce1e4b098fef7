#include "src/aws/time_text.h"

#include <cstdint>
#include <cstdio>

namespace millrace::aws {
namespace {

constexpr const char* month_names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr const char* day_names[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};  // 1970-01-01 was a Thursday
constexpr int64_t day_ms = 86'400'000;

struct Fields {
    int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0, millisecond = 0, weekday = 0;
};

// Days since 1970-01-01 of a date of the proleptic Gregorian calendar, counting years from March.
int64_t days_of(int year, int month, int day) {
    const int64_t y = month <= 2 ? year - 1 : year;
    const int64_t era = (y >= 0 ? y : y - 399) / 400;
    const int64_t year_of_era = y - era * 400;
    const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146'097 + day_of_era - 719'468;
}

Fields fields_of(TimestampMs time) {
    int64_t days = time.value() / day_ms;
    int64_t rest = time.value() % day_ms;
    if (rest < 0) {
        rest += day_ms;
        --days;
    }
    Fields f;
    f.weekday = static_cast<int>(((days % 7) + 7) % 7);
    const int64_t z = days + 719'468;
    const int64_t era = (z >= 0 ? z : z - 146'096) / 146'097;
    const int64_t day_of_era = z - era * 146'097;
    const int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t shifted = (5 * day_of_year + 2) / 153;
    f.day = static_cast<int>(day_of_year - (153 * shifted + 2) / 5 + 1);
    f.month = static_cast<int>(shifted < 10 ? shifted + 3 : shifted - 9);
    f.year = static_cast<int>(year_of_era + era * 400 + (f.month <= 2 ? 1 : 0));
    f.hour = static_cast<int>(rest / 3'600'000);
    f.minute = static_cast<int>(rest / 60'000 % 60);
    f.second = static_cast<int>(rest / 1000 % 60);
    f.millisecond = static_cast<int>(rest % 1000);
    return f;
}

std::optional<TimestampMs> time_of(const Fields& f) {
    static constexpr int lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (f.month < 1 || f.month > 12 || f.day < 1 || f.day > lengths[f.month - 1] || f.hour > 23 || f.minute > 59 ||
        f.second > 60)
        return std::nullopt;
    return TimestampMs(days_of(f.year, f.month, f.day) * day_ms +
                       (f.hour * 3600 + f.minute * 60 + f.second) * int64_t{1000} + f.millisecond);
}

// Reads fixed-width digits and literals from the front of a text.
struct Scanner {
    std::string_view rest;
    bool ok = true;
    int digits(size_t count) {
        int value = 0;
        if (rest.size() < count) ok = false;
        for (size_t i = 0; ok && i < count; ++i) {
            const char c = rest[i];
            if (c < '0' || c > '9') ok = false;
            value = value * 10 + (c - '0');
        }
        if (ok) rest.remove_prefix(count);
        return ok ? value : 0;
    }
    void literal(std::string_view text) {
        if (!rest.starts_with(text)) ok = false;
        if (ok) rest.remove_prefix(text.size());
    }
    bool take(char c) {
        if (!ok || rest.empty() || rest[0] != c) return false;
        rest.remove_prefix(1);
        return true;
    }
};

template <class... A>
std::string format(const char* pattern, A... values) {
    char text[64];
    const int size = std::snprintf(text, sizeof text, pattern, values...);
    return std::string(text, size > 0 ? static_cast<size_t>(size) : 0);
}

}  // namespace

std::string iso8601_milliseconds(TimestampMs time) {
    const Fields f = fields_of(time);
    return format("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", f.year, f.month, f.day, f.hour, f.minute, f.second,
                  f.millisecond);
}

std::string iso8601(TimestampMs time) {
    if (time.value() % 1000 != 0) return iso8601_milliseconds(time);
    const Fields f = fields_of(time);
    return format("%04d-%02d-%02dT%02d:%02d:%02dZ", f.year, f.month, f.day, f.hour, f.minute, f.second);
}

std::string http_date(TimestampMs time) {
    const Fields f = fields_of(time);
    return format("%s, %02d %s %04d %02d:%02d:%02d GMT", day_names[f.weekday], f.day, month_names[f.month - 1], f.year,
                  f.hour, f.minute, f.second);
}

std::string basic_date_time(TimestampMs time) {
    const Fields f = fields_of(time);
    return format("%04d%02d%02dT%02d%02d%02dZ", f.year, f.month, f.day, f.hour, f.minute, f.second);
}

std::optional<TimestampMs> parse_iso8601(std::string_view text) {
    Scanner in{text};
    Fields f;
    f.year = in.digits(4);
    in.literal("-");
    f.month = in.digits(2);
    in.literal("-");
    f.day = in.digits(2);
    int64_t offset_ms = 0;
    if (in.ok && !in.rest.empty()) {
        if (!in.take('T') && !in.take('t')) in.literal(" ");
        f.hour = in.digits(2);
        in.literal(":");
        f.minute = in.digits(2);
        if (in.take(':')) f.second = in.digits(2);
        if (in.take('.')) {
            int scale = 100;
            size_t count = 0;
            while (!in.rest.empty() && in.rest[0] >= '0' && in.rest[0] <= '9' && count < 9) {
                f.millisecond += scale * (in.rest[0] - '0');
                scale /= 10;
                ++count;
                in.rest.remove_prefix(1);
            }
            if (count == 0) in.ok = false;
        }
        if (!in.take('Z') && !in.take('z')) {
            const bool minus = in.take('-');
            if (!minus) in.literal("+");
            const int hours = in.digits(2);
            in.take(':');
            const int minutes = in.digits(2);
            if (hours > 23 || minutes > 59) in.ok = false;
            offset_ms = (hours * 60 + minutes) * int64_t{60'000} * (minus ? -1 : 1);
        }
    }
    if (!in.ok || !in.rest.empty()) return std::nullopt;
    const auto time = time_of(f);
    if (!time) return std::nullopt;
    return TimestampMs(time->value() - offset_ms);
}

std::optional<TimestampMs> parse_http_date(std::string_view text) {
    // "Sun, 06 Nov 1994 08:49:37 GMT"; the obsolete forms of RFC 9110 are not sent by AWS's clients.
    const size_t comma = text.find(", ");
    if (comma == std::string_view::npos) return std::nullopt;
    Scanner in{text.substr(comma + 2)};
    Fields f;
    f.day = in.digits(2);
    in.literal(" ");
    f.month = 0;
    for (int i = 0; i < 12; ++i) {
        if (in.rest.starts_with(month_names[i])) f.month = i + 1;
    }
    if (!in.ok || f.month == 0) return std::nullopt;
    in.rest.remove_prefix(3);
    in.literal(" ");
    f.year = in.digits(4);
    in.literal(" ");
    f.hour = in.digits(2);
    in.literal(":");
    f.minute = in.digits(2);
    in.literal(":");
    f.second = in.digits(2);
    in.literal(" GMT");
    if (!in.ok || !in.rest.empty()) return std::nullopt;
    return time_of(f);
}

std::optional<TimestampMs> parse_basic_date_time(std::string_view text) {
    Scanner in{text};
    Fields f;
    f.year = in.digits(4);
    f.month = in.digits(2);
    f.day = in.digits(2);
    in.literal("T");
    f.hour = in.digits(2);
    f.minute = in.digits(2);
    f.second = in.digits(2);
    in.literal("Z");
    if (!in.ok || !in.rest.empty()) return std::nullopt;
    return time_of(f);
}

}  // namespace millrace::aws
