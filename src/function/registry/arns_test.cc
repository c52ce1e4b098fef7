#include <gtest/gtest.h>

#include "src/function/functions.h"
#include "src/function/registry/layers.h"
#include "src/function/registry/record_codec.h"

namespace millrace::function {
namespace {

const Scope here{"000000000000", "us-east-1"};

TEST(FunctionNames, EveryFormThatAwsTakes) {
    struct Case {
        std::string_view text, account, region, name, qualifier;
    };
    const Case cases[] = {
        {"orders", "000000000000", "us-east-1", "orders", ""},
        {"orders:live", "000000000000", "us-east-1", "orders", "live"},
        {"orders:$LATEST", "000000000000", "us-east-1", "orders", "$LATEST"},
        {"function:orders", "000000000000", "us-east-1", "orders", ""},
        {"111122223333:function:orders:3", "111122223333", "us-east-1", "orders", "3"},
        {"111122223333:orders", "111122223333", "us-east-1", "orders", ""},
        {"arn:aws:lambda:eu-west-1:111122223333:function:orders", "111122223333", "eu-west-1", "orders", ""},
        {"arn:aws:lambda:eu-west-1:111122223333:function:orders:3", "111122223333", "eu-west-1", "orders", "3"},
    };
    for (const Case& one : cases) {
        const auto name = parse_function_name(here, one.text);
        ASSERT_TRUE(name.ok()) << one.text;
        EXPECT_EQ(name->scope, (Scope{std::string(one.account), std::string(one.region)})) << one.text;
        EXPECT_EQ(name->name, one.name);
        EXPECT_EQ(name->qualifier, one.qualifier);
    }
}

TEST(FunctionNames, NothingElse) {
    for (const std::string_view text :
         {"", ":", "orders:", "or ders", "orders:a:b", "arn:aws:s3:::b", "arn:aws:lambda:us-east-1:1:function:orders",
          "arn:aws:lambda:us-east-1:111122223333:layer:orders", "arn:aws:lambda::111122223333:function:orders"}) {
        EXPECT_FALSE(parse_function_name(here, text).ok()) << text;
    }
    EXPECT_FALSE(parse_function_name(here, std::string(65, 'a')).ok());
}

TEST(LayerArns, WithAVersion) {
    const auto name = parse_layer_version_arn("arn:aws:lambda:us-east-1:111122223333:layer:tools:7");
    ASSERT_TRUE(name);
    EXPECT_EQ(name->layer, "tools");
    EXPECT_EQ(name->version, 7u);
    for (const std::string_view bad :
         {"", "tools:7", "arn:aws:lambda:us-east-1:111122223333:layer:tools",
          "arn:aws:lambda:us-east-1:x:layer:tools:7", "arn:aws:lambda:us-east-1:111122223333:layer:tools:0",
          "arn:aws:lambda:us-east-1:111122223333:layer:tools:7x"}) {
        EXPECT_FALSE(parse_layer_version_arn(bad)) << bad;
    }
}

TEST(RecordCodec, EverythingComesBack) {
    FunctionRecord record;
    record.latest = {
        .scope = here, .name = "f", .runtime = "python3.12", .handler = "a.b", .environment = {{"A", "1"}}};
    record.latest.layers.push_back({"arn", "sha", 1, 2});
    record.latest.logging = {true, "DEBUG", "WARN", "/shared"};
    record.incarnation = 3;
    record.version_next = 4;
    record.version_newest = "3";
    record.reserved_concurrency = 0;
    record.tags = {{"t", "\"ü"}};
    record.aliases["live"] = {"live", "3", "d", {{"2", 0.25}}, "r"};
    record.policies[""] = {{{"sid", "{}"}}, "p"};
    record.urls["live"] = {"id",           "NONE",        true, UrlCors{true, {"h"}, {"GET"}, {"*"}, {}, 5},
                           TimestampMs(1), TimestampMs(2)};
    record.event_invoke["3"] = {0, 60, "", "arn:aws:s3:::b", TimestampMs(9)};
    record.provisioned["3"] = {2, TimestampMs(8)};
    const std::string text = encode(record);
    const auto again = decode_record(here, text);
    ASSERT_TRUE(again.ok()) << again.error().message;
    EXPECT_EQ(encode(*again), text);
    EXPECT_EQ(again->reserved_concurrency, 0u);
    EXPECT_EQ(again->event_invoke.at("3").retries_max, 0u);
    EXPECT_EQ(again->urls.at("live").cors->max_age_s, 5u);
    EXPECT_TRUE(again->urls.at("live").streams);
    EXPECT_EQ(again->latest.logging.system_level, "WARN");
}

TEST(RecordCodec, WhatIsNotOursIsCorruption) {
    for (const std::string_view text : {"", "{", "[]", "{\"format\":1}", "{\"format\":1,\"latest\":[]}"}) {
        const auto record = decode_record(here, text);
        ASSERT_FALSE(record.ok()) << text;
        EXPECT_EQ(record.error().code, ErrorCode::corruption) << text;
    }
    EXPECT_EQ(decode_record(here, R"({"format":2})").error().code, ErrorCode::unsupported);
}

}  // namespace
}  // namespace millrace::function
