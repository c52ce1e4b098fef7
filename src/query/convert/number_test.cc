#include "src/query/convert/number.h"

#include <string>

#include <gtest/gtest.h>

namespace millrace::query {
namespace {

std::string scaled_text(std::string_view text, int precision, int scale, bool exact = false) {
    const auto number = parse_number(text, false);
    if (!number) return "no number";
    const auto value = scaled(*number, precision, scale, exact);
    if (!value) return "does not fit";
    return std::to_string(static_cast<int64_t>(*value));
}

TEST(Number, TheGrammarOfJsonIsKept) {
    for (const char* good : {"0", "-0", "10", "1.5", "1e5", "1E-5", "-1.25e+10"}) EXPECT_TRUE(parse_number(good, true));
    for (const char* bad : {"", "-", "01", "-01", "+1", ".5", "5.", "1e", "1e+", "1x", "0x10", "NaN", "1 "}) {
        EXPECT_FALSE(parse_number(bad, true)) << bad;
    }
    for (const char* java : {"+1", "007", ".5", "5."}) EXPECT_TRUE(parse_number(java, false)) << java;
}

TEST(Number, ScalesAndRoundsHalfAwayFromZero) {
    EXPECT_EQ(scaled_text("12.345", 4, 2), "1235");
    EXPECT_EQ(scaled_text("-12.345", 4, 2), "-1235");
    EXPECT_EQ(scaled_text("12.344", 4, 2), "1234");
    EXPECT_EQ(scaled_text("99.995", 4, 2), "does not fit");
    EXPECT_EQ(scaled_text("0.005", 4, 2), "1");
    EXPECT_EQ(scaled_text("0.0049", 4, 2), "0");
    EXPECT_EQ(scaled_text("1.5e3", 8, 2), "150000");
    EXPECT_EQ(scaled_text("1234567.89e-3", 8, 2), "123457");
    EXPECT_EQ(scaled_text("000012", 2, 0), "12");
    EXPECT_EQ(scaled_text("17850.0", 38, 0, true), "17850");
    EXPECT_EQ(scaled_text("17850.5", 38, 0, true), "does not fit");
    EXPECT_EQ(scaled_text("0.0001", 38, 0, true), "does not fit");
}

TEST(Number, EnormousExponentsCostNothing) {
    EXPECT_EQ(scaled_text("1e1000000000", 38, 2), "does not fit");
    EXPECT_EQ(scaled_text("1e99999999999999999999999999", 38, 2), "does not fit");
    EXPECT_EQ(scaled_text("1e-99999999999999999999999999", 38, 2), "0");
    EXPECT_EQ(scaled_text("0e1000000000", 38, 2), "0");
}

TEST(Number, ThirtyEightDigitsFit) {
    const auto number = parse_number("99999999999999999999999999999999999999", true);
    ASSERT_TRUE(number);
    EXPECT_TRUE(scaled(*number, 38, 0, true));
    EXPECT_FALSE(scaled(*parse_number("999999999999999999999999999999999999995e-1", true), 38, 0, false));
}

}  // namespace
}  // namespace millrace::query
