#include "src/function/log_level.h"

#include <string>

#include <gtest/gtest.h>

namespace millrace::function {
namespace {

TEST(LogLevel, NamesAreThoseOfRuntimesToo) {
    EXPECT_EQ(parse_log_level("warn"), LogLevel::warn);
    EXPECT_EQ(parse_log_level("Warning"), LogLevel::warn);
    EXPECT_EQ(parse_log_level("CRITICAL"), LogLevel::fatal);
    EXPECT_EQ(parse_log_level(""), std::nullopt);
    EXPECT_EQ(parse_log_level("INFORM"), std::nullopt);
}

TEST(LogLevel, OfALineCountsWithAValidTimeAlone) {
    EXPECT_EQ(level_of_line(R"({"level":"debug","timestamp":"2026-11-21T18:30:00Z"})"), LogLevel::debug);
    EXPECT_EQ(level_of_line(R"({"time":"2026-11-21T18:30:00.123456+01:00","level":"ERROR","msg":"x"})"),
              LogLevel::error);
    for (const char* line : {"plain", "", "{", R"({"level":"debug"})", R"({"level":"debug","timestamp":"yesterday"})",
                             R"({"level":"debug","timestamp":"2026-11-21T18:30:00"})",
                             R"({"level":"debug","timestamp":"2026-11-21T18:30:00.Z"})",
                             R"({"level":7,"timestamp":"2026-11-21T18:30:00Z"})",
                             R"({"level":"loud","timestamp":"2026-11-21T18:30:00Z"})", R"(["debug"])"}) {
        EXPECT_EQ(level_of_line(line), LogLevel::info) << line;
    }
    EXPECT_EQ(level_of_line(std::string(100'000, '{')), LogLevel::info);
}

}  // namespace
}  // namespace millrace::function
