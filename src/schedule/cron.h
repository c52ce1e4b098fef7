// The six fields of AWS's cron(), as sets, and the next wall-clock minute that they name. Knows no time zones.
//
//   minutes        0-59               , - * /
//   hours          0-23               , - * /
//   day-of-month   1-31               , - * / ? L W
//   month          1-12 or JAN-DEC    , - * /
//   day-of-week    1-7 or SUN-SAT     , - * ? L #
//   year           1970-2199          , - * /
//
// Days of a month: L is the last, LW the last weekday, 15W the weekday nearest the 15th in its month. Days of a week: L
// is Saturday, 6L the month's last Friday, 3#2 its second Tuesday.
//
// One of day-of-month and day-of-week, and only one, is '?'. (User guide of EventBridge, eb-cron-expressions.)
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string_view>

#include "src/base/result.h"

namespace millrace::schedule {

class Cron {
  public:
    static constexpr int year_min = 1970, year_max = 2199;

    // `fields` is what stands between the parentheses. invalid_argument names the field.
    static Result<Cron> parse(std::string_view fields);
    // The first minute later than `after` that matches; both are minutes since 1970-01-01T00:00 on the wall.
    std::optional<int64_t> next(int64_t after) const;

  private:
    Status parse_day_of_month(std::string_view field);
    Status parse_day_of_week(std::string_view field);
    // The days of a month that match, bit d for day d.
    uint32_t days_of(int year, int month) const;

    uint64_t minutes_ = 0;  // bit n is minute n; the others likewise
    uint32_t hours_ = 0;
    uint32_t months_ = 0;
    std::bitset<year_max + 1 - year_min> years_;  // from year_min
    bool by_weekday_ = false;                     // the day of the month is '?'
    uint32_t month_days_ = 0;
    uint32_t nearest_ = 0;  // bit d: the weekday nearest to day d
    bool last_day_ = false, last_weekday_ = false;
    uint32_t weekdays_ = 0;               // bit 0 is Sunday
    uint32_t last_weekdays_ = 0;          // the last of that weekday in the month
    int ordinal_day_ = -1, ordinal_ = 0;  // weekday and which of them (1-5), of '#'
};

}  // namespace millrace::schedule
