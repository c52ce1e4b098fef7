#include "src/schedule/expression.h"

#include <functional>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "src/base/calendar.h"
#include "src/base/time_text.h"

namespace millrace::schedule {
namespace {

TimestampMs utc(int year, int month, int day, int hour = 0, int minute = 0, int second = 0) {
    return TimestampMs((days_from_civil(year, month, day) * 86'400 + hour * 3600 + minute * 60 + second) * 1000);
}

// The first `count` moments after `after`, one a line, without the year where it is the same.
std::vector<std::string> moments(std::string_view text, TimestampMs after, int count, std::string_view zone = {}) {
    auto expression = Expression::parse(text, zone);
    EXPECT_TRUE(expression.ok()) << text << ": " << expression.error().message;
    std::vector<std::string> out;
    std::optional<TimestampMs> at = after;
    while (count-- > 0 && (at = expression->next(*at))) out.push_back(iso_seconds(*at));
    return out;
}
using Lines = std::vector<std::string>;

struct Example {
    const char* text;
    Lines next;  // after 2026-01-01T00:00:00Z, a Thursday
};

// The examples of EventBridge's and Scheduler's user guides, each with what its own sentence says.
TEST(Expression, CronExamplesOfTheGuides) {
    const std::vector<Example> examples = {
        {"cron(0 10 * * ? *)", {"2026-01-01T10:00:00", "2026-01-02T10:00:00"}},   // 10:00 every day
        {"cron(15 12 * * ? *)", {"2026-01-01T12:15:00", "2026-01-02T12:15:00"}},  // 12:15 every day
        {"cron(0 18 ? * MON-FRI *)", {"2026-01-01T18:00:00", "2026-01-02T18:00:00", "2026-01-05T18:00:00"}},
        {"cron(0 8 1 * ? *)", {"2026-01-01T08:00:00", "2026-02-01T08:00:00"}},     // the first of every month
        {"cron(0/15 * * * ? *)", {"2026-01-01T00:15:00", "2026-01-01T00:30:00"}},  // every 15 minutes
        {"cron(0/10 * ? * MON-FRI *)", {"2026-01-01T00:10:00"}},
        {"cron(0/5 8-17 ? * MON-FRI *)", {"2026-01-01T08:00:00", "2026-01-01T08:05:00"}},
        {"cron(0/30 20-2 ? * MON-FRI *)", {"2026-01-01T00:30:00", "2026-01-01T01:00:00"}},  // from 20:00 to 02:00
        {"cron(15 10 ? * 6L 2026-2027)", {"2026-01-30T10:15:00", "2026-02-27T10:15:00"}},   // the last Friday
        {"cron(0 0 ? * 3#2 *)", {"2026-01-13T00:00:00", "2026-02-10T00:00:00"}},            // the second Tuesday
        {"cron(0 0 3W * ? *)", {"2026-01-02T00:00:00", "2026-02-03T00:00:00"}},  // the weekday nearest the 3rd
        {"cron(0 0 L * ? *)", {"2026-01-31T00:00:00", "2026-02-28T00:00:00"}},
        {"cron(0 0 LW * ? *)", {"2026-01-30T00:00:00", "2026-02-27T00:00:00"}},
        {"cron(0 0 1W * ? *)", {"2026-02-02T00:00:00", "2026-03-02T00:00:00"}},  // never in the month before
        {"cron(0 0 31W * ? *)", {"2026-01-30T00:00:00", "2026-03-31T00:00:00"}},
        {"cron(0 0 ? * L *)", {"2026-01-03T00:00:00", "2026-01-10T00:00:00"}},  // Saturday ends the week
        {"cron(1/10 0 1 1 ? 2027)", {"2027-01-01T00:01:00", "2027-01-01T00:11:00"}},
        {"cron(0 0 29 2 ? *)", {"2028-02-29T00:00:00", "2032-02-29T00:00:00"}},
        {"cron(0 0 ? jan,Feb sun *)", {"2026-01-04T00:00:00"}},
        {"cron(0 0 ? * FRI-MON *)",
         {"2026-01-02T00:00:00", "2026-01-03T00:00:00", "2026-01-04T00:00:00", "2026-01-05T00:00:00",
          "2026-01-09T00:00:00"}},
        {"cron(0 0 ? * 1#5 *)", {"2026-03-29T00:00:00", "2026-05-31T00:00:00"}},
    };
    for (const Example& example : examples) {
        EXPECT_EQ(moments(example.text, utc(2026, 1, 1), static_cast<int>(example.next.size())), example.next)
            << example.text;
    }
    EXPECT_EQ(moments("cron(59 23 31 12 ? 2199)", utc(2026, 1, 1), 2), Lines{"2199-12-31T23:59:00"});
    EXPECT_TRUE(moments("cron(0 0 30 2 ? *)", utc(2026, 1, 1), 1).empty());
    EXPECT_TRUE(moments("cron(* * * * ? 1999)", utc(2026, 1, 1), 1).empty());
}

TEST(Expression, RefusesWhatIsNone) {
    for (const char* text : {"",
                             "cron",
                             "cron()",
                             "cron(* * * * *)",
                             "cron(* * * * * *)",
                             "cron(* * ? * ? *)",
                             "cron(60 * * * ? *)",
                             "cron(* 24 * * ? *)",
                             "cron(* * 0 * ? *)",
                             "cron(* * 32 * ? *)",
                             "cron(* * * 13 ? *)",
                             "cron(* * ? * 8 *)",
                             "cron(* * ? * 0 *)",
                             "cron(* * * * ? 1969)",
                             "cron(* * * * ? 2200)",
                             "cron(*/0 * * * ? *)",
                             "cron(1, * * * ? *)",
                             "cron(-1 * * * ? *)",
                             "cron(1-2-3 * * * ? *)",
                             "cron(* * ? * 3#1,6#3 *)",
                             "cron(* * ? * 3#6 *)",
                             "cron(* * W * ? *)",
                             "cron(? * * * ? *)",
                             "cron(* * * * ? 2030-2020)",
                             "rate(0 minutes)",
                             "rate(5)",
                             "rate(5 weeks)",
                             "rate(-5 minutes)",
                             "rate(5 minutes",
                             "rate(1.5 hours)",
                             "at(2026-02-30T00:00:00)",
                             "at(2026-01-01)",
                             "at(2026-01-01T24:00:00)",
                             "at(2026-01-01T00:00:00Z)",
                             "every(5 minutes)"}) {
        const auto parsed = Expression::parse(text);
        ASSERT_FALSE(parsed.ok()) << text;
        EXPECT_EQ(parsed.error().code, ErrorCode::invalid_argument);
    }
    EXPECT_FALSE(Expression::parse("rate(1 day)", "Mars/Olympus").ok());
    using Dialect = Expression::Dialect;
    EXPECT_FALSE(Expression::parse("rate(1 minutes)", {}, Dialect::rule).ok());
    EXPECT_FALSE(Expression::parse("rate(5 minute)", {}, Dialect::rule).ok());
    EXPECT_FALSE(Expression::parse("at(2026-01-01T00:00:00)", {}, Dialect::rule).ok());
    EXPECT_TRUE(Expression::parse("rate(1 minute)", {}, Dialect::rule).ok());
    EXPECT_TRUE(Expression::parse("rate(1 minutes)").ok());
}

TEST(Expression, RatesAreCountedFromTheirAnchor) {
    const auto rate = *Expression::parse("rate(90 minutes)");
    const TimestampMs anchor = utc(2026, 1, 1, 12, 0, 30);
    EXPECT_EQ(rate.next(utc(2025, 1, 1), anchor), anchor);
    EXPECT_EQ(rate.next(anchor, anchor), utc(2026, 1, 1, 13, 30, 30));
    EXPECT_EQ(rate.next(utc(2026, 1, 1, 13, 30, 29), anchor), utc(2026, 1, 1, 13, 30, 30));
    EXPECT_EQ(rate.next(utc(2046, 1, 1), anchor)->value() % (90 * 60'000), anchor.value() % (90 * 60'000));
    // A day is 24 hours, whatever the clock does.
    const auto daily = *Expression::parse("rate(1 days)", "America/New_York");
    EXPECT_EQ(daily.next(utc(2026, 3, 8, 12), utc(2026, 3, 7, 10)), utc(2026, 3, 9, 10));
}

TEST(Expression, OneTimeIsDueOnceInItsZone) {
    EXPECT_EQ(moments("at(2026-11-20T13:00:05)", utc(2026, 1, 1), 2), Lines{"2026-11-20T13:00:05"});
    EXPECT_EQ(moments("at(2026-11-20T13:00:00)", utc(2026, 1, 1), 2, "America/New_York"), Lines{"2026-11-20T18:00:00"});
    // Twice on the clock: the first. Never on the clock: as if it had been moved later.
    EXPECT_EQ(moments("at(2026-11-01T01:30:00)", utc(2026, 1, 1), 2, "America/New_York"), Lines{"2026-11-01T05:30:00"});
    EXPECT_EQ(moments("at(2026-03-08T02:30:00)", utc(2026, 1, 1), 2, "America/New_York"), Lines{"2026-03-08T07:30:00"});
}

TEST(Expression, WhatSpringSkipsIsSkipped) {
    // 02:30 does not exist on 8 March 2026.
    EXPECT_EQ(moments("cron(30 2 * * ? *)", utc(2026, 3, 7), 2, "America/New_York"),
              (Lines{"2026-03-07T07:30:00", "2026-03-09T06:30:00"}));
    EXPECT_EQ(moments("cron(0 * * * ? *)", utc(2026, 3, 8, 6), 2, "America/New_York"),
              (Lines{"2026-03-08T07:00:00", "2026-03-08T08:00:00"}));
    // Samoa had no 30 December 2011.
    EXPECT_EQ(moments("cron(0 12 30 12 ? 2011)", utc(2011, 12, 1), 1, "Pacific/Apia"), Lines{});
    EXPECT_EQ(moments("cron(* * * 12 ? 2011)", utc(2011, 12, 30, 9, 59), 1, "Pacific/Apia"),
              Lines{"2011-12-30T10:00:00"});
}

TEST(Expression, WhatAutumnShowsTwiceIsDueOnce) {
    EXPECT_EQ(moments("cron(30 1 * * ? *)", utc(2026, 10, 31, 12), 2, "America/New_York"),
              (Lines{"2026-11-01T05:30:00", "2026-11-02T06:30:00"}));
    // Asked in the second 01:10: the next is 02:00.
    EXPECT_EQ(moments("cron(0/20 * * * ? *)", utc(2026, 11, 1, 5, 30), 2, "America/New_York"),
              (Lines{"2026-11-01T05:40:00", "2026-11-01T07:00:00"}));
    EXPECT_EQ(moments("cron(0/20 * * * ? *)", utc(2026, 11, 1, 6, 10), 1, "America/New_York"),
              Lines{"2026-11-01T07:00:00"});
    // Lord Howe moves by half an hour.
    EXPECT_EQ(moments("cron(0/15 * * * ? *)", utc(2026, 4, 4, 14, 45), 2, "Australia/Lord_Howe"),
              (Lines{"2026-04-04T15:30:00", "2026-04-04T15:45:00"}));
}

// A random field, as text and as what it means.
struct Piece {
    std::string text;
    std::function<bool(int)> matches;
};
Piece random_piece(std::mt19937& random, int min, int max) {
    const auto draw = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
    const int a = draw(min, max), b = draw(a, max), step = draw(1, max);
    switch (draw(0, 4)) {
        case 0:
            return {"*", [](int) { return true; }};
        case 1:
            return {std::to_string(a), [a](int v) { return v == a; }};
        case 2:
            return {std::to_string(a) + "-" + std::to_string(b), [a, b](int v) { return v >= a && v <= b; }};
        case 3:
            return {std::to_string(a) + "/" + std::to_string(step),
                    [a, step](int v) { return v >= a && (v - a) % step == 0; }};
        default:
            return {std::to_string(a) + "," + std::to_string(b), [a, b](int v) { return v == a || v == b; }};
    }
}

// next() against a walk over every minute of two weeks around clocks that move.
TEST(Expression, AgreesWithAWalkMinuteByMinute) {
    std::mt19937 random(20260308);
    const std::vector<std::string> zones = {
        "UTC",          "America/New_York",  "Europe/Berlin",    "Australia/Lord_Howe",
        "Asia/Kolkata", "America/Sao_Paulo", "Africa/Casablanca"};
    for (int round = 0; round < 250; ++round) {
        const std::string& zone_name = zones[random() % zones.size()];
        const auto zone = *io::TimeZone::shared(zone_name);
        const Piece minute = random_piece(random, 0, 59), hour = random_piece(random, 0, 23);
        const bool by_weekday = random() % 2 == 0;
        const Piece day = by_weekday ? Piece{"?", nullptr} : random_piece(random, 1, 31);
        Piece weekday = random_piece(random, 1, 7);
        if (weekday.text.find('/') != std::string::npos) weekday = {"*", [](int) { return true; }};
        const std::string text = "cron(" + minute.text + " " + hour.text + " " + day.text + " * " +
                                 (by_weekday ? weekday.text : "?") + " *)";
        const auto expression = *Expression::parse(text, zone_name);
        const int64_t begin_s = days_from_civil(2026, static_cast<int>(random() % 12) + 1, 25) * 86'400 +
                                static_cast<int>(random() % 1440) * 60;
        std::optional<TimestampMs> next = expression.next(TimestampMs(begin_s * 1000));
        for (int64_t at = begin_s + 60; at <= begin_s + 14 * 86'400; at += 60) {
            const CivilTime wall = civil_time(at * 1000, zone->offset_at(at));
            const bool day_matches = by_weekday ? weekday.matches(wall.weekday + 1) : day.matches(wall.day);
            bool due = day_matches && hour.matches(wall.hour) && minute.matches(wall.minute);
            for (int64_t earlier = at - 7200; due && earlier < at; earlier += 60) {
                const CivilTime then = civil_time(earlier * 1000, zone->offset_at(earlier));
                if (then.day == wall.day && then.hour == wall.hour && then.minute == wall.minute) due = false;
            }
            if (!due) continue;
            ASSERT_TRUE(next) << text << " " << zone_name;
            ASSERT_EQ(iso_seconds(*next), iso_seconds(TimestampMs(at * 1000))) << text << " " << zone_name;
            next = expression.next(*next);
        }
        if (next) ASSERT_GT(next->value(), (begin_s + 14 * 86'400) * 1000) << text << " " << zone_name;
    }
}

}  // namespace
}  // namespace millrace::schedule
