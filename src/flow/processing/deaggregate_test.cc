#include "src/flow/processing/deaggregate.h"

#include <string>

#include <gtest/gtest.h>

namespace millrace::flow {
namespace {

using Parts = std::vector<std::string_view>;

TEST(Deaggregate, JsonObjectsOneAfterTheOther) {
    EXPECT_EQ(split_json_objects(R"({"a":1}{"a":2})"), (Parts{R"({"a":1})", R"({"a":2})"}));
    EXPECT_EQ(split_json_objects("{\"a\":1}\n {\"b\":{\"c\":[{}]}}\n"), (Parts{R"({"a":1})", R"({"b":{"c":[{}]}})"}));
    EXPECT_EQ(split_json_objects(R"({"brace":"}\"}{"}{"x":1})"), (Parts{R"({"brace":"}\"}{"})", R"({"x":1})"}));
}

TEST(Deaggregate, WhatIsNotObjectsStaysWhole) {
    for (const std::string_view text : {R"([{"a":1},{"a":2}])", R"({"a":1} tail)", R"({"a":1)", "", "  ", "plain"}) {
        EXPECT_EQ(split_json_objects(text), Parts{text});
    }
}

TEST(Deaggregate, MoreThanTheLimitStaysWhole) {
    std::string text;
    for (size_t i = 0; i < deaggregated_records_max; ++i) text += "{}";
    EXPECT_EQ(split_json_objects(text).size(), deaggregated_records_max);
    text += "{}";
    EXPECT_EQ(split_json_objects(text), Parts{text});
}

TEST(Deaggregate, ByADelimiter) {
    EXPECT_EQ(split_delimited("a####b####", "####"), (Parts{"a", "b"}));
    EXPECT_EQ(split_delimited("####a########b", "####"), (Parts{"a", "b"}));
    EXPECT_EQ(split_delimited("ab", "####"), (Parts{"ab"}));
    EXPECT_EQ(split_delimited("####", "####"), (Parts{"####"}));
}

}  // namespace
}  // namespace millrace::flow
