#include "src/flow/java_time.h"

#include <cstdlib>

#include "src/base/calendar.h"

namespace millrace::flow {
namespace {

constexpr const char* month_names[] = {"January", "February", "March",     "April",   "May",      "June",
                                       "July",    "August",   "September", "October", "November", "December"};
constexpr const char* day_names[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

// How often a letter may stand in a row; 0 where Java knows no such letter (or we refuse it).
int count_max(char letter) {
    switch (letter) {
        case 'u':
        case 'y':
        case 'Y':
        case 'A':
        case 'n':
        case 'N':
            return 19;
        case 'S':
            return 9;
        case 'D':
            return 3;
        case 'G':
        case 'M':
        case 'L':
        case 'Q':
        case 'q':
        case 'E':
        case 'e':
        case 'c':
        case 'X':
        case 'x':
        case 'Z':
            return 5;
        case 'z':
        case 'O':
            return 4;
        case 'd':
        case 'h':
        case 'H':
        case 'k':
        case 'K':
        case 'm':
        case 's':
        case 'w':
        case 'V':
            return 2;
        case 'W':
        case 'F':
        case 'a':
            return 1;
        default:
            return 0;
    }
}

void append_padded(std::string* out, int64_t value, int width) {
    std::string digits = std::to_string(value < 0 ? -value : value);
    if (value < 0) *out += '-';
    for (int i = static_cast<int>(digits.size()); i < width; ++i) *out += '0';
    *out += digits;
}

// Years: two letters print the last two digits; otherwise padded to the count.
void append_year(std::string* out, int64_t year, int count) {
    if (count == 2) return append_padded(out, std::abs(year) % 100, 2);
    if (year > 9999 && count >= 4) *out += '+';  // as SignStyle.EXCEEDS_PAD
    append_padded(out, year, count);
}

// One letter is narrow where five are: text of 1-3 short, 4 full, 5 narrow.
void append_text(std::string* out, const char* full, int count) {
    const std::string_view text(full);
    *out += count == 4 ? text : text.substr(0, count == 5 ? 1 : 3);
}

// Weeks as in the United States: Sunday first, the week with 1 January is the first one.
struct Week {
    int year, number;
};
Week week_of(const CivilTime& t) {
    const int weekday_of_new_year = ((t.weekday - (t.day_of_year - 1)) % 7 + 7) % 7;
    const int number = (t.day_of_year - 1 + weekday_of_new_year) / 7 + 1;
    const bool leap = (t.year % 4 == 0 && t.year % 100 != 0) || t.year % 400 == 0;
    const int days = leap ? 366 : 365;
    const int days_to_saturday = 6 - t.weekday;
    if (t.day_of_year + days_to_saturday > days) return {t.year + 1, 1};  // its Saturday is in the next year
    return {t.year, number};
}

// X, x and Z: 'Z' for zero where `zulu`.
void append_offset(std::string* out, int32_t offset_s, int count, bool zulu) {
    if (zulu && offset_s == 0) {
        *out += 'Z';
        return;
    }
    const int32_t size = std::abs(offset_s);
    const int hours = size / 3600, minutes = size / 60 % 60, seconds = size % 60;
    const bool colon = count == 3 || count == 5;
    *out += offset_s < 0 ? '-' : '+';
    append_padded(out, hours, 2);
    if (count == 1 && minutes == 0) return;
    if (colon) *out += ':';
    append_padded(out, minutes, 2);
    if (count >= 4 && seconds != 0) {
        if (colon) *out += ':';
        append_padded(out, seconds, 2);
    }
}

// "GMT+8", "GMT+08:00" (full).
void append_localized_offset(std::string* out, int32_t offset_s, bool full) {
    *out += "GMT";
    if (offset_s == 0) return;
    const int32_t size = std::abs(offset_s);
    *out += offset_s < 0 ? '-' : '+';
    append_padded(out, size / 3600, full ? 2 : 1);
    if (full || size / 60 % 60 != 0) {
        *out += ':';
        append_padded(out, size / 60 % 60, 2);
    }
}

void append_day_of_week(std::string* out, char letter, int weekday, int count) {
    if (letter != 'E' && count <= 2) return append_padded(out, weekday + 1, letter == 'e' ? count : 1);
    append_text(out, day_names[weekday], count);
}

void append_quarter(std::string* out, int month, int count) {
    static constexpr const char* ordinals[] = {"1st quarter", "2nd quarter", "3rd quarter", "4th quarter"};
    const int quarter = (month - 1) / 3 + 1;
    if (count <= 2) return append_padded(out, quarter, count);
    if (count == 3) *out += 'Q';
    if (count == 4) {
        *out += ordinals[quarter - 1];
    } else {
        append_padded(out, quarter, 1);
    }
}

void append_month(std::string* out, int month, int count) {
    if (count <= 2) return append_padded(out, month, count);
    append_text(out, month_names[month - 1], count);
}

}  // namespace

Result<JavaTimePattern> JavaTimePattern::compile(std::string_view pattern) {
    JavaTimePattern compiled;
    const auto literal = [&](char c) {
        if (compiled.pieces_.empty() || compiled.pieces_.back().letter != 0) compiled.pieces_.push_back({});
        compiled.pieces_.back().literal += c;
    };
    for (size_t i = 0; i < pattern.size(); ++i) {
        const char c = pattern[i];
        if (c == '\'') {
            // Two quotes are a quote, in and out of quoted text.
            size_t end = i + 1;
            bool closed = false;
            if (end < pattern.size() && pattern[end] == '\'') {
                literal('\'');
                i = end;
                continue;
            }
            for (; end < pattern.size(); ++end) {
                if (pattern[end] != '\'') {
                    literal(pattern[end]);
                } else if (end + 1 < pattern.size() && pattern[end + 1] == '\'') {
                    literal('\'');
                    ++end;
                } else {
                    closed = true;
                    break;
                }
            }
            if (!closed) return Error{ErrorCode::invalid_argument, "a quote in the timestamp pattern is not closed"};
            i = end;
        } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
            size_t end = i;
            while (end < pattern.size() && pattern[end] == c) ++end;
            const auto count = static_cast<int>(end - i);
            if (count > count_max(c) || (c == 'V' && count != 2)) {
                return Error{ErrorCode::invalid_argument, "the timestamp pattern has no meaning for '" +
                                                              std::string(pattern.substr(i, end - i)) + "'"};
            }
            compiled.pieces_.push_back({c, count, {}});
            i = end - 1;
        } else if (c == '{' || c == '}' || c == '#' || c == '[' || c == ']') {
            return Error{ErrorCode::invalid_argument,
                         std::string("the timestamp pattern may not hold '") + c + "' outside quotes"};
        } else {
            literal(c);
        }
    }
    return compiled;
}

std::string JavaTimePattern::format(TimestampMs time, const io::TimeZone& zone) const {
    const io::TimeZone::Local local = zone.at(floor_divide(time.value(), 1000));
    const CivilTime t = civil_time(time.value(), local.offset_s);
    const int64_t milli_of_day = ((int64_t{t.hour} * 60 + t.minute) * 60 + t.second) * 1000 + t.millisecond;
    std::string out;
    for (const Piece& piece : pieces_) {
        const int count = piece.count;
        switch (piece.letter) {
            case 0:
                out += piece.literal;
                break;
            case 'G':
                out += count == 4 ? (t.year > 0 ? "Anno Domini" : "Before Christ")
                                  : (count == 5 ? (t.year > 0 ? "A" : "B") : (t.year > 0 ? "AD" : "BC"));
                break;
            case 'u':
            case 'y':
                append_year(&out, piece.letter == 'y' && t.year <= 0 ? 1 - t.year : t.year, count);
                break;
            case 'Y':
                append_year(&out, week_of(t).year, count);
                break;
            case 'D':
                append_padded(&out, t.day_of_year, count);
                break;
            case 'M':
            case 'L':
                append_month(&out, t.month, count);
                break;
            case 'd':
                append_padded(&out, t.day, count);
                break;
            case 'Q':
            case 'q':
                append_quarter(&out, t.month, count);
                break;
            case 'w':
                append_padded(&out, week_of(t).number, count);
                break;
            case 'W':
                append_padded(&out, (t.day - 1 + ((t.weekday - (t.day - 1)) % 7 + 7) % 7) / 7 + 1, count);
                break;
            case 'F':  // "day of week in month": the week counted from the month's first day
                append_padded(&out, (t.day - 1) % 7 + 1, count);
                break;
            case 'E':
            case 'e':
            case 'c':
                append_day_of_week(&out, piece.letter, t.weekday, count);
                break;
            case 'a':
                out += t.hour < 12 ? "AM" : "PM";
                break;
            case 'h':
                append_padded(&out, (t.hour + 11) % 12 + 1, count);
                break;
            case 'K':
                append_padded(&out, t.hour % 12, count);
                break;
            case 'k':
                append_padded(&out, (t.hour + 23) % 24 + 1, count);
                break;
            case 'H':
                append_padded(&out, t.hour, count);
                break;
            case 'm':
                append_padded(&out, t.minute, count);
                break;
            case 's':
                append_padded(&out, t.second, count);
                break;
            case 'S': {  // a fraction, cut and not rounded
                std::string fraction;
                append_padded(&fraction, int64_t{t.millisecond} * 1'000'000, 9);
                out += fraction.substr(0, static_cast<size_t>(count));
                break;
            }
            case 'n':
                append_padded(&out, int64_t{t.millisecond} * 1'000'000, count);
                break;
            case 'A':
                append_padded(&out, milli_of_day, count);
                break;
            case 'N':
                append_padded(&out, milli_of_day * 1'000'000, count);
                break;
            case 'V':
                out += zone.name();
                break;
            case 'z':
                out += count == 4 && zone.name() == "UTC" ? "Coordinated Universal Time" : local.abbreviation;
                break;
            case 'O':
                append_localized_offset(&out, local.offset_s, count == 4);
                break;
            case 'X':
            case 'x':
                append_offset(&out, local.offset_s, count, piece.letter == 'X');
                break;
            case 'Z':
                if (count == 4) {
                    append_localized_offset(&out, local.offset_s, true);
                } else {
                    append_offset(&out, local.offset_s, count == 5 ? 5 : 2, count == 5);
                }
                break;
            default:
                break;
        }
    }
    return out;
}

}  // namespace millrace::flow
