#include "src/query/convert/timestamp_text.h"

#include <array>

#include "src/query/convert/number.h"

namespace millrace::query {

namespace {

constexpr int64_t micros_per_second = 1'000'000;
constexpr int64_t micros_per_day = 86'400 * micros_per_second;
constexpr Int128 epoch_millis_min = 1'000'000'000'000;  // from here on a number counts milliseconds

bool is_leap(int64_t year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int days_in_month(int64_t year, int month) {
    constexpr std::array<int, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

// Days since 1970-01-01 in the Gregorian calendar: whole eras of 400 years, then the day within one, with years that
// begin in March so that the leap day comes last.
int64_t days_since_epoch(int64_t year, int month, int day) {
    const int64_t shifted_year = month <= 2 ? year - 1 : year;
    const int64_t era = (shifted_year >= 0 ? shifted_year : shifted_year - 399) / 400;
    const int64_t year_of_era = shifted_year - era * 400;
    const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146'097 + day_of_era - 719'468;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Takes from `min` to `max` digits.
bool take_number(std::string_view& text, int min, int max, int64_t& out) {
    int count = 0;
    out = 0;
    while (count < max && static_cast<size_t>(count) < text.size() && is_digit(text[count])) {
        out = out * 10 + (text[count++] - '0');
    }
    text.remove_prefix(count);
    return count >= min;
}

bool take(std::string_view& text, char c) {
    if (text.empty() || text[0] != c) return false;
    text.remove_prefix(1);
    return true;
}

bool take_date(std::string_view& text, int part_digits_min, int64_t& days) {
    int64_t year, month, day;
    if (!take_number(text, 4, 4, year) || !take(text, '-') || !take_number(text, part_digits_min, 2, month) ||
        !take(text, '-') || !take_number(text, part_digits_min, 2, day)) {
        return false;
    }
    if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, static_cast<int>(month))) return false;
    days = days_since_epoch(year, static_cast<int>(month), static_cast<int>(day));
    return true;
}

// Up to nine digits after a point; those below a microsecond are cut off.
bool take_fraction(std::string_view& text, int64_t& micros) {
    size_t count = 0;
    micros = 0;
    int64_t unit = 100'000;
    for (; count < text.size() && is_digit(text[count]); ++count, unit /= 10) micros += (text[count] - '0') * unit;
    text.remove_prefix(count);
    return count >= 1 && count <= 9;
}

bool take_time(std::string_view& text, int part_digits_min, int64_t& micros) {
    int64_t hour, minute, second, fraction = 0;
    if (!take_number(text, part_digits_min, 2, hour) || !take(text, ':') ||
        !take_number(text, part_digits_min, 2, minute) || !take(text, ':') ||
        !take_number(text, part_digits_min, 2, second)) {
        return false;
    }
    if (hour > 23 || minute > 59 || second > 59) return false;
    if (take(text, '.') && !take_fraction(text, fraction)) return false;
    micros = ((hour * 60 + minute) * 60 + second) * micros_per_second + fraction;
    return true;
}

// English names, long or by their first three letters, in any case. Returns the index, or -1.
template <size_t N>
int take_name(std::string_view& text, const std::array<std::string_view, N>& names) {
    const auto matches = [&](std::string_view name) {
        if (text.size() < name.size()) return false;
        for (size_t i = 0; i < name.size(); ++i) {
            if ((text[i] | 0x20) != (name[i] | 0x20)) return false;
        }
        return true;
    };
    for (size_t i = 0; i < N; ++i) {
        for (const std::string_view name : {names[i], names[i].substr(0, 3)}) {
            if (!matches(name)) continue;
            text.remove_prefix(name.size());
            return static_cast<int>(i);
        }
    }
    return -1;
}

constexpr std::array<std::string_view, 12> months{"January",   "February", "March",    "April",
                                                  "May",       "June",     "July",     "August",
                                                  "September", "October",  "November", "December"};
constexpr std::array<std::string_view, 7> weekdays{"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                   "Friday", "Saturday", "Sunday"};

// What a Joda pattern has read so far.
struct Fields {
    std::optional<int64_t> year, month, day, day_of_year, hour, clock_hour, minute, second, afternoon, weekday;
    int64_t fraction_micros = 0;
    int64_t offset_seconds = 0;

    std::optional<int64_t> micros() const {
        const bool dated = month || day || day_of_year;
        const int64_t the_year = year.value_or(dated ? 2000 : 1970);  // Joda-Time's own default
        int64_t days;
        if (day_of_year) {
            if (*day_of_year < 1 || *day_of_year > (is_leap(the_year) ? 366 : 365)) return {};
            days = days_since_epoch(the_year, 1, 1) + *day_of_year - 1;
        } else {
            const int64_t the_month = month.value_or(1), the_day = day.value_or(1);
            if (the_month < 1 || the_month > 12 || the_day < 1 ||
                the_day > days_in_month(the_year, static_cast<int>(the_month))) {
                return {};
            }
            days = days_since_epoch(the_year, static_cast<int>(the_month), static_cast<int>(the_day));
        }
        if (weekday && ((days % 7 + 7) % 7 + 3) % 7 != *weekday) return {};  // 1970-01-01 was a Thursday
        int64_t the_hour = hour.value_or(0);
        if (clock_hour) the_hour = *clock_hour % 12 + (afternoon.value_or(0) != 0 ? 12 : 0);
        if (the_hour > 23 || minute.value_or(0) > 59 || second.value_or(0) > 59) return {};
        const int64_t seconds = (the_hour * 60 + minute.value_or(0)) * 60 + second.value_or(0) - offset_seconds;
        return days * micros_per_day + seconds * micros_per_second + fraction_micros;
    }
};

bool take_offset(std::string_view& text, int64_t& seconds) {
    if (take(text, 'Z')) return true;
    const bool negative = !text.empty() && text[0] == '-';
    if (!negative && (text.empty() || text[0] != '+')) return false;
    text.remove_prefix(1);
    int64_t hours, minutes;
    if (!take_number(text, 2, 2, hours)) return false;
    take(text, ':');
    if (!take_number(text, 2, 2, minutes) || hours > 23 || minutes > 59) return false;
    seconds = (hours * 60 + minutes) * 60 * (negative ? -1 : 1);
    return true;
}

bool take_field(std::string_view& text, char letter, int count, bool adjacent, Fields& fields) {
    int64_t number = 0;
    // A number that directly follows another has exactly as many digits as the pattern has letters.
    const auto numeric = [&](int most, std::optional<int64_t>& out) {
        if (!take_number(text, 1, adjacent ? count : std::max(count, most), number)) return false;
        out = number;
        return true;
    };
    switch (letter) {
        case 'y':
        case 'Y':
            return numeric(9, fields.year);
        case 'M': {
            if (count < 3) return numeric(2, fields.month);
            const int month = take_name(text, months);
            fields.month = month + 1;
            return month >= 0;
        }
        case 'd':
            return numeric(2, fields.day);
        case 'D':
            return numeric(3, fields.day_of_year);
        case 'H':
            return numeric(2, fields.hour);
        case 'k':
            if (!numeric(2, fields.hour) || *fields.hour < 1 || *fields.hour > 24) return false;
            fields.hour = *fields.hour % 24;
            return true;
        case 'h':
            return numeric(2, fields.clock_hour) && *fields.clock_hour >= 1 && *fields.clock_hour <= 12;
        case 'K':
            return numeric(2, fields.clock_hour) && *fields.clock_hour <= 11;
        case 'm':
            return numeric(2, fields.minute);
        case 's':
            return numeric(2, fields.second);
        case 'S': {
            std::string_view digits = text.substr(0, count);
            const size_t before = digits.size();
            fields.fraction_micros = 0;
            take_fraction(digits, fields.fraction_micros);
            text.remove_prefix(before - digits.size());
            return before != digits.size();
        }
        case 'a': {
            constexpr std::array<std::string_view, 2> halves{"AM ", "PM "};
            for (int half = 0; half < 2; ++half) {
                if (text.size() >= 2 && (text[0] & ~0x20) == halves[half][0] && (text[1] & ~0x20) == 'M') {
                    fields.afternoon = half;
                    text.remove_prefix(2);
                    return true;
                }
            }
            return false;
        }
        case 'E': {
            const int weekday = take_name(text, weekdays);
            fields.weekday = weekday;
            return weekday >= 0;
        }
        default:
            return take_offset(text, fields.offset_seconds);
    }
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

std::optional<int32_t> parse_date(std::string_view text) {
    int64_t days = 0;
    if (!take_date(text, 1, days) || !text.empty()) return {};
    return static_cast<int32_t>(days);
}

std::optional<int64_t> parse_sql_timestamp(std::string_view text) {
    int64_t days = 0, micros = 0;
    if (!take_date(text, 1, days) || !take(text, ' ') || !take_time(text, 1, micros) || !text.empty()) return {};
    return days * micros_per_day + micros;
}

std::optional<int64_t> parse_epoch(std::string_view text) {
    const std::optional<NumberText> number = parse_number(text, false);
    if (!number) return {};
    // Nothing where the number is too great for 38 digits: it is no time then.
    const std::optional<Int128> whole = scaled(*number, 38, 0, false);
    if (!whole) return {};
    const bool millis = *whole >= epoch_millis_min;
    const std::optional<Int128> micros = scaled(*number, 38, millis ? 3 : 6, false);
    // DuckDB keeps the two ends of the range for infinity.
    if (!micros || *micros >= INT64_MAX || *micros <= -INT64_MAX) return {};
    return static_cast<int64_t>(*micros);
}

std::optional<int64_t> parse_openx_timestamp(std::string_view text) {
    if (text.size() > 4 && text[4] == '-') {
        if (text.find('T') == std::string_view::npos) return parse_sql_timestamp(text);
        int64_t days = 0, micros = 0;
        if (!take_date(text, 2, days) || !take(text, 'T') || !take_time(text, 2, micros) || text != "Z") return {};
        return days * micros_per_day + micros;
    }
    return parse_epoch(text);
}

Result<JodaPattern> JodaPattern::compile(std::string_view pattern) {
    JodaPattern compiled;
    if (pattern == "millis") {
        compiled.millis_ = true;
        return compiled;
    }
    if (pattern.empty()) return Error{ErrorCode::invalid_argument, "a timestamp format is empty"};
    const auto literal = [&](char c) {
        if (compiled.parts_.empty() || compiled.parts_.back().letter != 0) compiled.parts_.push_back({});
        compiled.parts_.back().literal.push_back(c);
    };
    for (size_t i = 0; i < pattern.size();) {
        const char c = pattern[i];
        if (c == '\'') {
            if (i + 1 < pattern.size() && pattern[i + 1] == '\'') {
                literal('\'');
                i += 2;
                continue;
            }
            size_t at = i + 1;
            for (;; ++at) {
                if (at >= pattern.size()) {
                    return Error{ErrorCode::invalid_argument,
                                 "the timestamp format " + std::string(pattern) + " has a quote that does not end"};
                }
                if (pattern[at] != '\'') {
                    literal(pattern[at]);
                } else if (at + 1 < pattern.size() && pattern[at + 1] == '\'') {
                    literal('\'');
                    ++at;
                } else {
                    break;
                }
            }
            i = at + 1;
            continue;
        }
        if (!is_letter(c)) {
            literal(c);
            ++i;
            continue;
        }
        int count = 0;
        while (i < pattern.size() && pattern[i] == c) ++i, ++count;
        const bool known = std::string_view("yYMdDHkhKmsSaEZ").find(c) != std::string_view::npos;
        const bool two_digit_year = (c == 'y' || c == 'Y') && count == 2;
        if (!known || two_digit_year || (c == 'Z' && count > 2) || count > 9) {
            return Error{ErrorCode::unsupported, "the timestamp format " + std::string(pattern) + " uses \"" +
                                                     std::string(count, c) + "\", which is not supported"};
        }
        compiled.parts_.push_back({c, count, {}});
    }
    return compiled;
}

std::optional<int64_t> JodaPattern::parse(std::string_view text) const {
    if (millis_) {
        const std::optional<NumberText> number = parse_number(text, false);
        if (!number) return {};
        const std::optional<Int128> micros = scaled(*number, 38, 3, false);
        if (!micros || *micros >= INT64_MAX || *micros <= -INT64_MAX) return {};
        return static_cast<int64_t>(*micros);
    }
    Fields fields;
    for (size_t i = 0; i < parts_.size(); ++i) {
        const Part& part = parts_[i];
        if (part.letter == 0) {
            if (!text.starts_with(part.literal)) return {};
            text.remove_prefix(part.literal.size());
            continue;
        }
        const bool adjacent = i + 1 < parts_.size() && parts_[i + 1].letter != 0 &&
                              std::string_view("yYMdDHkhKmsS").find(parts_[i + 1].letter) != std::string_view::npos;
        if (!take_field(text, part.letter, part.count, adjacent, fields)) return {};
    }
    if (!text.empty()) return {};
    return fields.micros();
}

}  // namespace millrace::query
