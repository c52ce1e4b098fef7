#include "src/query/convert/timestamp_text.h"

#include <gtest/gtest.h>

namespace millrace::query {
namespace {

constexpr int64_t second = 1'000'000;

std::optional<int64_t> joda(std::string_view pattern, std::string_view text) {
    auto compiled = JodaPattern::compile(pattern);
    EXPECT_TRUE(compiled.ok()) << (compiled.ok() ? "" : compiled.error().message);
    return compiled.ok() ? compiled->parse(text) : std::nullopt;
}

TEST(TimestampText, DatesAreCheckedAgainstTheCalendar) {
    EXPECT_EQ(parse_date("1970-01-01"), 0);
    EXPECT_EQ(parse_date("2010-12-01"), 14944);
    EXPECT_EQ(parse_date("2010-2-3"), 14643);
    EXPECT_EQ(parse_date("0001-01-01"), -719162);
    EXPECT_TRUE(parse_date("2024-02-29"));
    for (const char* bad : {"2023-02-29", "2023-13-01", "2023-00-01", "2023-01-00", "2023-04-31", "23-01-01",
                            "2023-01-01x", "2023/01/01", "", "2023-1-"}) {
        EXPECT_FALSE(parse_date(bad)) << bad;
    }
}

TEST(TimestampText, TheOpenXFormsAreThoseThatFirehoseDocuments) {
    EXPECT_EQ(parse_openx_timestamp("2017-02-07T15:13:01.39256Z"), 1486480381392560);
    EXPECT_EQ(parse_openx_timestamp("2017-02-07 15:13:01.14"), 1486480381140000);
    EXPECT_EQ(parse_openx_timestamp("2017-2-7 5:3:1"), 1486443781 * second);
    EXPECT_EQ(parse_openx_timestamp("1518033528"), 1518033528 * second);
    EXPECT_EQ(parse_openx_timestamp("1518033528123"), 1518033528123000);
    EXPECT_EQ(parse_openx_timestamp("1518033528.123"), 1518033528123000);
    EXPECT_EQ(parse_openx_timestamp("-1000"), -1000 * second);
    EXPECT_EQ(parse_openx_timestamp("1000000000000"), 1000000000 * second);
    for (const char* bad : {"2017-2-7T15:13:01Z", "2017-02-07T15:13:01", "2017-02-07T15:13:01+00:00", "2017-02-07",
                            "2017-02-07 15:13", "2017-02-07 24:00:00", "2017-02-07 15:13:01.", "yesterday", "",
                            "2017-02-07 15:13:01.1234567890", "18446744073709551616000", "1e1000000000"}) {
        EXPECT_FALSE(parse_openx_timestamp(bad)) << bad;
    }
}

TEST(TimestampText, JodaPatterns) {
    const int64_t at = 1291190760 * second;  // 2010-12-01 08:06:00
    EXPECT_EQ(joda("yyyy-MM-dd'T'HH:mm:ss.SSSZZ", "2010-12-01T10:06:00.000+02:00"), at);
    EXPECT_EQ(joda("yyyyMMddHHmmss", "20101201080600"), at);
    EXPECT_EQ(joda("d/M/yyyy H:mm", "1/12/2010 8:06"), at);
    EXPECT_EQ(joda("EEE, dd MMM yyyy hh:mm:ss a", "Wed, 01 Dec 2010 08:06:00 AM"), at);
    EXPECT_EQ(joda("MMMM d, yyyy KK:mm a", "december 1, 2010 08:06 am"), at);
    EXPECT_EQ(joda("yyyy-DDD", "2010-335"), at - (8 * 60 + 6) * 60 * second);
    EXPECT_EQ(joda("yyyy-MM-dd''HH", "2010-12-01'00"), at - (8 * 60 + 6) * 60 * second);
    EXPECT_EQ(joda("HH:mm", "08:06"), (8 * 60 + 6) * 60 * second);
    EXPECT_EQ(joda("millis", "1291190760123"), at + 123'000);
    EXPECT_EQ(joda("yyyy-MM-dd HH:mm:ss.SSS", "2010-12-01 08:06:00.5"), at + 500'000);
    EXPECT_FALSE(joda("yyyy-MM-dd", "2010-12-01 08:06"));
    EXPECT_FALSE(joda("yyyy-MM-dd", "2010-02-30"));
    EXPECT_FALSE(joda("EEE yyyy-MM-dd", "Thu 2010-12-01")) << "it was a Wednesday";
    EXPECT_FALSE(joda("hh a", "13 PM"));
}

TEST(TimestampText, PatternsThatWeDoNotReadAreRefusedByName) {
    for (const char* pattern : {"yy-MM-dd", "yyyy-MM-dd z", "xxxx-ww", "GG yyyy", "yyyy ZZZ"}) {
        auto compiled = JodaPattern::compile(pattern);
        ASSERT_FALSE(compiled.ok()) << pattern;
        EXPECT_EQ(compiled.error().code, ErrorCode::unsupported);
        EXPECT_NE(compiled.error().message.find(pattern), std::string::npos);
    }
    EXPECT_EQ(JodaPattern::compile("yyyy 'open").error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(JodaPattern::compile("").error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace millrace::query
