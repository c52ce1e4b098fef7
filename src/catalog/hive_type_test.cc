#include "src/catalog/hive_type.h"

#include <gtest/gtest.h>

namespace millrace::catalog {
namespace {

std::string canonical(std::string_view text) {
    auto type = parse_hive_type(text);
    return type.ok() ? to_string(*type) : "error: " + type.error().message;
}

TEST(HiveType, EveryTypeIsReadInAnyCaseAndWrittenCanonically) {
    EXPECT_EQ(canonical("BIGINT"), "bigint");
    EXPECT_EQ(canonical(" integer "), "int");
    EXPECT_EQ(canonical("double precision"), "double");
    EXPECT_EQ(canonical("decimal"), "decimal(10,0)");
    EXPECT_EQ(canonical("Decimal( 38 , 9 )"), "decimal(38,9)");
    EXPECT_EQ(canonical("varchar(20)"), "varchar(20)");
    EXPECT_EQ(canonical("array < struct<A:int, b_2: map<string,date>> >"), "array<struct<A:int,b_2:map<string,date>>>");
    EXPECT_EQ(canonical("struct<`odd name`:char(3)>"), "struct<`odd name`:char(3)>");
}

TEST(HiveType, WhatIsNotATypeIsRefusedWithThePlace) {
    for (const char* text : {"", "strin", "array", "array<int", "array<int>>", "map<int>", "struct<>", "struct<a>",
                             "decimal(39)", "decimal(5,6)", "decimal(0)", "char(256)", "varchar(0)", "int int"}) {
        EXPECT_TRUE(canonical(text).starts_with("error: ")) << text << " became " << canonical(text);
    }
    EXPECT_NE(canonical("array<in>").find("at character 9"), std::string::npos) << canonical("array<in>");
    EXPECT_EQ(parse_hive_type("uniontype<int,string>").error().code, ErrorCode::unsupported);
}

TEST(HiveType, NestingIsBounded) {
    std::string deep;
    for (int i = 0; i < 100'000 / 6; ++i) deep += "array<";
    EXPECT_FALSE(parse_hive_type(deep).ok());
}

}  // namespace
}  // namespace millrace::catalog
