#include "src/catalog/partition_filter.h"

#include <gtest/gtest.h>

#include "src/catalog/lake.h"

namespace millrace::catalog {
namespace {

const std::vector<Column> keys{{.name = "year", .type = "int"},           {.name = "Country", .type = "string"},
                               {.name = "day", .type = "date"},           {.name = "at", .type = "timestamp"},
                               {.name = "price", .type = "decimal(9,2)"}, {.name = "flag", .type = "boolean"}};
const std::vector<std::string> partition{"2010", "United Kingdom", "2010-12-01", "2010-12-01 08:26:00.50", "-2.50",
                                         "true"};

bool matches(std::string_view expression, const std::vector<std::string>& values = partition) {
    auto filter = PartitionFilter::parse(expression, keys);
    EXPECT_TRUE(filter.ok()) << expression << ": " << (filter.ok() ? "" : filter.error().message);
    return filter.ok() && filter->matches(values);
}

TEST(PartitionFilter, ComparesAsTheKeysTypeSays) {
    for (const char* yes : {"",
                            "  ",
                            "year = 2010",
                            "year = '2010'",
                            "year=02010",
                            "year > 9",
                            "year >= 2010",
                            "year <= 2010",
                            "year <> 2011",
                            "year != 2011",
                            "year < 2010.5",
                            "2009 < year",
                            "YEAR = 2010",
                            "`year` = 2010",
                            "\"country\" = 'United Kingdom'",
                            "country > 'United'",
                            "country < 'Venice'",
                            "day = '2010-12-1'",
                            "day > DATE '2010-11-30'",
                            "day >= {d '2010-12-01'}",
                            "at = TIMESTAMP '2010-12-01 08:26:00.5'",
                            "at > '2010-12-01'",
                            "price < -2.4",
                            "price > -2.51",
                            "price = -2.5",
                            "price < 10",
                            "year > -1"}) {
        EXPECT_TRUE(matches(yes)) << yes;
    }
    for (const char* no : {"year = 2011", "year > 2010", "2010 < year", "country = 'united kingdom'",
                           "day < '2010-12-01'", "at < '2010-12-01 08:26:00.499'", "price > -2.5", "year = 2010.5"}) {
        EXPECT_FALSE(matches(no)) << no;
    }
}

TEST(PartitionFilter, CombinesAsSqlDoes) {
    for (const char* yes : {"year = 2011 OR year = 2010 AND country LIKE 'United%'", "NOT year = 2011",
                            "NOT (year = 2011 AND country = 'x')", "year IN (2009, '2010')", "year NOT IN (1, 2)",
                            "year BETWEEN 2009 AND 2010 AND day = '2010-12-01'", "year NOT BETWEEN 2011 AND 2012",
                            "country LIKE '%King_om'", "country NOT LIKE 'king%'", "country IS NOT NULL",
                            "not not year = 2010", "(((year = 2010)))"}) {
        EXPECT_TRUE(matches(yes)) << yes;
    }
    for (const char* no : {"(year = 2011 OR year = 2010) AND country = 'France'", "year BETWEEN 2011 AND 2009",
                           "country IS NULL", "country LIKE 'United'", "country LIKE ''"}) {
        EXPECT_FALSE(matches(no)) << no;
    }
}

TEST(PartitionFilter, WithANullNothingHoldsNorItsNegation) {
    auto nulls = partition;
    nulls[0] = "__HIVE_DEFAULT_PARTITION__";
    nulls[1] = "x'y";
    for (const char* no : {"year = 2010", "year <> 2010", "NOT year = 2010", "year BETWEEN 1 AND 3000",
                           "year NOT BETWEEN 1 AND 3000", "year IN (2010)", "year NOT IN (2010)"}) {
        EXPECT_FALSE(matches(no, nulls)) << no;
    }
    EXPECT_TRUE(matches("year IS NULL AND country = 'x''y'", nulls));
    EXPECT_TRUE(matches("year = 2010 OR country = 'x''y'", nulls));
}

TEST(PartitionFilter, LikeTakesCharactersAndEscapes) {
    auto values = partition;
    values[1] = "100%_\xc3\xa9\xc3\xa9";
    EXPECT_TRUE(matches(R"(country LIKE '100\%\___')", values));
    EXPECT_FALSE(matches(R"(country LIKE '100\%\_')", values));
    EXPECT_TRUE(matches("country LIKE '%0%0%'", values));
    EXPECT_TRUE(matches("country LIKE '%'", values));
}

TEST(PartitionFilter, WhatIsNoExpressionIsRefused) {
    for (const char* bad : {"year",
                            "year =",
                            "= 2010",
                            "year = 2010 AND",
                            "(year = 2010",
                            "year = 2010)",
                            "month = 1",
                            "year = 'x'",
                            "year == 2010",
                            "year = country",
                            "1 = 1",
                            "year IN ()",
                            "year IN 2010",
                            "year LIKE 5",
                            "year BETWEEN 1",
                            "flag = 'true'",
                            "country = 'open",
                            "year = 2010; DROP",
                            "year = 12abc",
                            "day = 'tomorrow'",
                            "year NOT 5",
                            "year IS 5",
                            "country = {x 'y'}",
                            "NOT",
                            "country = DATE 5"}) {
        auto filter = PartitionFilter::parse(bad, keys);
        ASSERT_FALSE(filter.ok()) << bad;
        EXPECT_EQ(filter.error().code, ErrorCode::invalid_argument);
    }
    EXPECT_FALSE(PartitionFilter::parse(std::string(8000, '('), keys).ok());
    std::string nots;
    for (int i = 0; i < 1500; ++i) nots += "NOT ";
    EXPECT_FALSE(PartitionFilter::parse(nots + "year = 1", keys).ok());
    EXPECT_FALSE(PartitionFilter::parse(std::string(100'000, ' '), keys).ok());
}

TEST(PartitionFilter, AnotherNumberOfValuesNeverMatches) {
    EXPECT_FALSE(matches("year = 2010", {"2010"}));
    EXPECT_FALSE(matches("", {}));
}

}  // namespace
}  // namespace millrace::catalog
