#include "src/flow/processing/partition_query.h"

#include <gtest/gtest.h>

namespace millrace::flow {
namespace {

std::vector<ExtractedKeys> ask(const std::string& query, std::vector<std::string_view> records, int64_t ms = 10'000) {
    JqProgram program;
    program.batch_ms_max = ms;
    auto started = PartitionQuery::start(program, query);
    if (!started.ok()) {
        ADD_FAILURE() << started.error().message;
        return std::vector<ExtractedKeys>(records.size());
    }
    auto out = (*started)->extract(records);
    if (!out.ok()) ADD_FAILURE() << out.error().message;
    return out.ok() ? *out : std::vector<ExtractedKeys>(records.size());
}

// The documentation's example.
TEST(PartitionQuery, KeysOfARecord) {
    const auto out =
        ask(R"({customer_id:.customer_id,device:.type.device,year:.event_timestamp|strftime("%Y"),n:.n})",
            {R"({"type":{"device":"mobile"},"customer_id":"1234567890","event_timestamp":1565382027,"n":7})"});
    EXPECT_EQ(out[0].error, "");
    EXPECT_EQ(out[0].keys,
              (PartitionKeys{{"customer_id", "1234567890"}, {"device", "mobile"}, {"year", "2019"}, {"n", "7"}}));
}

TEST(PartitionQuery, WhatHasNoKeysSaysWhy) {
    const auto out = ask("{a:.a}", {"no json", R"({"b":1})", R"({"a":""})", R"({"a":1}{"a":2})", R"({"a":"x"})"});
    EXPECT_EQ(out[0].error, "Non JSON record provided");
    EXPECT_EQ(out[1].error, "partitionKeys values must not be null or empty");
    EXPECT_EQ(out[2].error, "partitionKeys values must not be null or empty");
    EXPECT_EQ(out[3].error, "Non JSON record provided");
    EXPECT_EQ(out[4].keys, (PartitionKeys{{"a", "x"}}));
}

TEST(PartitionQuery, ATextThatIsNoProgramIsRefused) {
    auto started = PartitionQuery::start({}, "{a:.a");
    ASSERT_FALSE(started.ok());
    EXPECT_EQ(started.error().code, ErrorCode::invalid_argument);
    EXPECT_NE(started.error().message.find("syntax error"), std::string::npos) << started.error().message;
}

TEST(PartitionQuery, ALoopOrALeakFailsItsRecordAlone) {
    const auto looping = ask("if .loop then ([range(1e18)]|length|tostring|{a:.}) else {a:.a} end",
                             {R"({"a":"1"})", R"({"loop":true})", R"({"a":"2"})"}, 2'000);
    EXPECT_EQ(looping[0].keys, (PartitionKeys{{"a", "1"}}));
    EXPECT_NE(looping[1].error, "");
    EXPECT_EQ(looping[2].keys, (PartitionKeys{{"a", "2"}}));
}

TEST(PartitionQuery, AQueryThatHangsOnEachRecordEnds) {
    JqProgram program;
    program.batch_ms_max = 100;
    program.tries_ms_max = 300;
    auto started = PartitionQuery::start(program, "[range(1e18)]");
    ASSERT_TRUE(started.ok());
    const std::vector<std::string_view> records(100'000, "{}");
    const auto out = (*started)->extract(records);  // or it takes three hours
    ASSERT_TRUE(out.ok());
    EXPECT_NE(out->back().error, "");
    const std::atomic<bool> stopping = true;
    EXPECT_EQ((*started)->extract(records, &stopping).error().code, ErrorCode::unavailable);
}

TEST(PartitionQuery, SeesNothingOfTheMachine) {
    const auto environment = ask(R"({a:($ENV|length|tostring)})", {"{}"});
    EXPECT_EQ(environment[0].keys, (PartitionKeys{{"a", "2"}})) << "TZ and LC_ALL";
    for (const char* text : {R"(import "/etc/passwd" as $x; {a:"b"})", R"(import "a" as a; {k:a::b})"}) {
        const auto started = PartitionQuery::start({}, text);
        ASSERT_FALSE(started.ok()) << text;
        EXPECT_EQ(started.error().code, ErrorCode::invalid_argument) << started.error().message;
    }
}

}  // namespace
}  // namespace millrace::flow
