// A moment as a calendar and a clock on the wall show it (proleptic Gregorian, through std::chrono).
#pragma once

#include <chrono>
#include <cstdint>

namespace millrace {

struct CivilTime {
    int year = 1970, month = 1, day = 1;  // month and day from 1
    int hour = 0, minute = 0, second = 0, millisecond = 0;
    int weekday = 4;       // 0 is Sunday
    int day_of_year = 1;   // from 1
    int32_t offset_s = 0;  // the zone's
};

inline int64_t floor_divide(int64_t a, int64_t b) {
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

inline CivilTime civil_time(int64_t unix_ms, int32_t offset_s) {
    const int64_t local_ms = unix_ms + int64_t{offset_s} * 1000;
    const int64_t days = floor_divide(local_ms, 86'400'000);
    const int64_t in_day = local_ms - days * 86'400'000;
    const std::chrono::sys_days date{std::chrono::days{days}};
    const std::chrono::year_month_day ymd{date};
    CivilTime out;
    out.year = static_cast<int>(ymd.year());
    out.month = static_cast<int>(static_cast<unsigned>(ymd.month()));
    out.day = static_cast<int>(static_cast<unsigned>(ymd.day()));
    out.hour = static_cast<int>(in_day / 3'600'000);
    out.minute = static_cast<int>(in_day / 60'000 % 60);
    out.second = static_cast<int>(in_day / 1000 % 60);
    out.millisecond = static_cast<int>(in_day % 1000);
    out.weekday = static_cast<int>(std::chrono::weekday{date}.c_encoding());
    const std::chrono::sys_days new_year{ymd.year() / std::chrono::January / 1};
    out.day_of_year = static_cast<int>((date - new_year).count()) + 1;
    out.offset_s = offset_s;
    return out;
}

// 00:00 UTC of a date, in days since 1970-01-01.
inline int64_t days_from_civil(int year, int month, int day) {
    using namespace std::chrono;
    return sys_days{std::chrono::year{year} / month / day}.time_since_epoch().count();
}

}  // namespace millrace
