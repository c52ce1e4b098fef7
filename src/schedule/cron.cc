#include "src/schedule/cron.h"

#include <array>
#include <bit>
#include <string>
#include <vector>

#include "src/base/calendar.h"

namespace millrace::schedule {
namespace {

constexpr std::array<std::string_view, 12> month_names = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                          "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> day_names = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};
constexpr size_t fields_bytes_max = 1024;

struct Field {
    const char* name;
    int min, max;
    const std::string_view* names = nullptr;  // of the values from min on
    int names_count = 0;
    bool steps = true;
};
constexpr Field minutes_field{"minutes", 0, 59};
constexpr Field hours_field{"hours", 0, 23};
constexpr Field month_day_field{"day-of-month", 1, 31};
constexpr Field month_field{"month", 1, 12, month_names.data(), 12};
constexpr Field weekday_field{"day-of-week", 1, 7, day_names.data(), 7, false};
constexpr Field year_field{"year", Cron::year_min, Cron::year_max};

Error wrong(const Field& field, std::string_view text) {
    return {ErrorCode::invalid_argument,
            "'" + std::string(text) + "' is not valid in the " + field.name + " field of a cron expression"};
}

// A number without a sign, up to 9,999; -1 where it is none.
int number(std::string_view text) {
    if (text.empty() || text.size() > 4) return -1;
    int value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return -1;
        value = value * 10 + (c - '0');
    }
    return value;
}

// A value by number or name; -1 where it is none of the field's.
int value_of(const Field& field, std::string_view text) {
    for (int i = 0; i < field.names_count; ++i) {
        const std::string_view name = field.names[i];
        if (text.size() != name.size()) continue;
        bool same = true;
        for (size_t at = 0; at < name.size(); ++at) same = same && (text[at] & ~0x20) == name[at];
        if (same) return field.min + i;
    }
    const int value = number(text);
    return value < field.min || value > field.max ? -1 : value;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (size_t begin = 0;;) {
        const size_t end = text.find(separator, begin);
        parts.push_back(text.substr(begin, end - begin));
        if (end == std::string_view::npos) return parts;
        begin = end + 1;
    }
}

// One of a field's comma-separated items: "*", "5", "5-9", "*/2", "5/2", "5-9/2". Calls add(value) for each value.
// A range may run over the end: FRI-MON, 22-2.
template <class Add>
Status parse_item(const Field& field, std::string_view item, const Add& add) {
    const size_t slash = item.find('/');
    const std::string_view range = item.substr(0, slash);
    int step = 1;
    if (slash != std::string_view::npos) {
        step = number(item.substr(slash + 1));
        if (!field.steps || step < 1 || step > field.max) return wrong(field, item);
    }
    int from = field.min, to = field.max;
    if (range != "*") {
        const size_t dash = range.find('-');
        from = value_of(field, range.substr(0, dash));
        if (dash != std::string_view::npos) {
            to = value_of(field, range.substr(dash + 1));
        } else if (slash == std::string_view::npos) {
            to = from;
        }
        if (from < 0 || to < 0) return wrong(field, item);
    }
    const int size = field.max - field.min + 1;
    if (to < from) {
        if (&field == &year_field) return wrong(field, item);
        to += size;
    }
    for (int value = from; value <= to; value += step) add((value - field.min) % size + field.min);
    return {};
}

template <class Add>
Status parse_list(const Field& field, std::string_view text, const Add& add) {
    for (const std::string_view item : split(text, ',')) TRY(parse_item(field, item, add));
    return {};
}

// The weekday (0 is Sunday) of a month's first day, and its number of days.
struct Month {
    int first_weekday, days;
    Month(int year, int month) {
        const int64_t first = days_from_civil(year, month, 1);
        const int64_t next = month == 12 ? days_from_civil(year + 1, 1, 1) : days_from_civil(year, month + 1, 1);
        days = static_cast<int>(next - first);
        first_weekday = static_cast<int>((first + 4) % 7);  // 1970-01-01 was a Thursday; years begin at 1970
    }
    int weekday(int day) const { return (first_weekday + day - 1) % 7; }
    // The weekday nearest to `day`, never in another month.
    int nearest(int day) const {
        if (weekday(day) == 6) return day > 1 ? day - 1 : day + 2;
        if (weekday(day) == 0) return day < days ? day + 1 : day - 2;
        return day;
    }
};

// The lowest bit at or above `from`, or -1.
int bit_from(uint64_t bits, int from) {
    if (from > 63) return -1;
    bits &= ~uint64_t{0} << from;
    return bits == 0 ? -1 : std::countr_zero(bits);
}

}  // namespace

Result<Cron> Cron::parse(std::string_view text) {
    const Error shape{ErrorCode::invalid_argument,
                      "a cron expression has six fields: minutes hours day-of-month month day-of-week year"};
    if (text.size() > fields_bytes_max) return shape;
    std::vector<std::string_view> fields;
    for (const std::string_view field : split(text, ' ')) {
        if (!field.empty()) fields.push_back(field);
    }
    if (fields.size() != 6) return shape;
    Cron cron;
    TRY(parse_list(minutes_field, fields[0], [&](int value) { cron.minutes_ |= uint64_t{1} << value; }));
    TRY(parse_list(hours_field, fields[1], [&](int value) { cron.hours_ |= 1U << value; }));
    TRY(parse_list(month_field, fields[3], [&](int value) { cron.months_ |= 1U << value; }));
    TRY(parse_list(year_field, fields[5], [&](int value) { cron.years_.set(static_cast<size_t>(value - year_min)); }));
    if ((fields[2] == "?") == (fields[4] == "?")) {
        return Error{ErrorCode::invalid_argument,
                     "exactly one of the day-of-month and day-of-week fields of a cron expression has to be '?'"};
    }
    cron.by_weekday_ = fields[2] == "?";
    TRY(cron.by_weekday_ ? cron.parse_day_of_week(fields[4]) : cron.parse_day_of_month(fields[2]));
    return cron;
}

Status Cron::parse_day_of_month(std::string_view field) {
    for (const std::string_view item : split(field, ',')) {
        if (item == "L") {
            last_day_ = true;
        } else if (item == "LW") {
            last_weekday_ = true;
        } else if (!item.empty() && item.back() == 'W') {
            const int day = value_of(month_day_field, item.substr(0, item.size() - 1));
            if (day < 0) return wrong(month_day_field, item);
            nearest_ |= 1U << day;
        } else {
            TRY(parse_item(month_day_field, item, [&](int value) { month_days_ |= 1U << value; }));
        }
    }
    return {};
}

Status Cron::parse_day_of_week(std::string_view field) {
    if (const size_t hash = field.find('#'); hash != std::string_view::npos) {
        // Only one expression where there is a '#'.
        const int day = value_of(weekday_field, field.substr(0, hash));
        ordinal_ = number(field.substr(hash + 1));
        if (day < 0 || ordinal_ < 1 || ordinal_ > 5) return wrong(weekday_field, field);
        ordinal_day_ = day - 1;
        return {};
    }
    for (const std::string_view item : split(field, ',')) {
        if (item == "L") {
            weekdays_ |= 1U << 6;
        } else if (item.size() > 1 && item.back() == 'L') {
            const int day = value_of(weekday_field, item.substr(0, item.size() - 1));
            if (day < 0) return wrong(weekday_field, item);
            last_weekdays_ |= 1U << (day - 1);
        } else {
            TRY(parse_item(weekday_field, item, [&](int value) { weekdays_ |= 1U << (value - 1); }));
        }
    }
    return {};
}

uint32_t Cron::days_of(int year, int month) const {
    const Month of(year, month);
    const uint32_t all = static_cast<uint32_t>(((uint64_t{1} << of.days) - 1) << 1);
    uint32_t days = month_days_ & all;
    if (last_day_) days |= 1U << of.days;
    if (last_weekday_) days |= 1U << of.nearest(of.days);
    for (int day = 1; nearest_ != 0 && day <= of.days; ++day) {
        if (nearest_ >> day & 1) days |= 1U << of.nearest(day);
    }
    for (int day = 1; by_weekday_ && day <= of.days; ++day) {
        const int weekday = of.weekday(day);
        const bool is_last = day + 7 > of.days;
        if ((weekdays_ >> weekday & 1) || (is_last && (last_weekdays_ >> weekday & 1)) ||
            (weekday == ordinal_day_ && (day - 1) / 7 + 1 == ordinal_)) {
            days |= 1U << day;
        }
    }
    return days;
}

std::optional<int64_t> Cron::next(int64_t after) const {
    constexpr int64_t minute_ms = 60'000;
    const int64_t last = days_from_civil(year_max + 1, 1, 1) * 1440 - 1;
    if (after >= last) return std::nullopt;
    const CivilTime begin = civil_time((after < -1 ? 0 : after + 1) * minute_ms, 0);
    // From field to field: where one has to move on, those below it begin anew.
    bool anew = false;
    for (int year = begin.year; year <= year_max; ++year, anew = true) {
        if (!years_.test(static_cast<size_t>(year - year_min))) continue;
        for (int month = anew ? 1 : begin.month; month <= 12; ++month, anew = true) {
            if (!(months_ >> month & 1)) continue;
            const uint32_t days = days_of(year, month);
            for (int day = bit_from(days, anew ? 1 : begin.day); day > 0; day = bit_from(days, day + 1)) {
                anew = anew || day != begin.day;
                for (int hour = bit_from(hours_, anew ? 0 : begin.hour); hour >= 0; hour = bit_from(hours_, hour + 1)) {
                    anew = anew || hour != begin.hour;
                    const int minute = bit_from(minutes_, anew ? 0 : begin.minute);
                    if (minute >= 0) return (days_from_civil(year, month, day) * 24 + hour) * 60 + minute;
                    anew = true;
                }
                anew = true;
            }
        }
    }
    return std::nullopt;
}

}  // namespace millrace::schedule
