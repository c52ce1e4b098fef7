#include "src/table/value/item_ion.h"

#include <gtest/gtest.h>

#include "src/table/value/item_json.h"
#include "src/table/value/random_value.h"
#include "src/table/value/sentences.h"

namespace millrace::table {
namespace {

std::string ion_of(std::string_view json) {
    std::string text;
    append_ion(parse_item_json(json).value(), &text);
    return text;
}

// What was read, as DynamoDB JSON; or why it was not.
std::string read(std::string_view ion) {
    const auto item = parse_item_ion(ion);
    if (!item) return item.error().message;
    std::string json;
    append_json(*item, &json);
    return json;
}

std::string read_value(const std::string& ion) {
    const std::string item = read("{a:" + ion + "}");
    return item.starts_with(R"({"a":)") ? item.substr(5, item.size() - 6) : item;
}

TEST(ItemIon, IsWrittenAsDynamoDbsDocumentationShowsIt) {
    EXPECT_EQ(ion_of(R"({"Authors":{"SS":["Author1","Author2"]},"Dimensions":{"S":"8.5 x 11.0 x 1.5"},"Id":{"N":"103"},
                         "InPublication":{"BOOL":false},"PageCount":{"N":"600"},"Price":{"N":"2000"}})"),
              R"({Authors:$dynamodb_SS::["Author1","Author2"],Dimensions:"8.5 x 11.0 x 1.5",Id:103.,)"
              R"(InPublication:false,PageCount:6d2,Price:2d3})");
    EXPECT_EQ(ion_of(R"({"b":{"B":"AAE="},"bs":{"BS":["AA==","AQ=="]},"l":{"L":[{"NULL":true},{"M":{}}]},
                         "ns":{"NS":["1.5","-20","0"]}})"),
              R"({b:{{AAE=}},bs:$dynamodb_BS::[{{AA==}},{{AQ==}}],l:[null,{}],ns:$dynamodb_NS::[-2d1,0.,1.5]})");
}

TEST(ItemIon, NamesThatAreNoIdentifiersAreQuoted) {
    for (const char* name : {"null", "true", "nan", "$10", "$ion_1_0", "a b", "1a", "a'b", "\xc3\xa9", "a\\nb"}) {
        Item item;
        item.set(name, {std::string("x")});
        std::string text;
        append_ion(item, &text);
        EXPECT_EQ(text[1], '\'') << text;
        EXPECT_TRUE(parse_item_ion(text).value() == item) << text;
    }
}

TEST(ItemIon, NumbersAreShortDecimals) {
    const auto decimal = [](std::string_view text) {
        std::string out;
        append_ion_decimal(Number::parse(text).value(), &out);
        EXPECT_TRUE(read_value(out) == "{\"N\":\"" + Number::parse(text)->text() + "\"}") << out;
        return out;
    };
    EXPECT_EQ(decimal("0"), "0.");
    EXPECT_EQ(decimal("-0.5"), "-0.5");
    EXPECT_EQ(decimal("1e125"), "1d125");
    EXPECT_EQ(decimal("-1E-130"), "-1d-130");
    EXPECT_EQ(decimal("0.000001"), "0.000001");
    EXPECT_EQ(decimal("0.0000001234"), "1234d-10");
    EXPECT_EQ(decimal("12345678901234567890123456789012345678"), "12345678901234567890123456789012345678.");
}

TEST(ItemIon, EveryItemComesBack) {
    std::mt19937 random(7);
    for (int round = 0; round < 3000; ++round) {
        const Item before = testing::random_map(random, 4);
        std::string text;
        append_ion(before, &text);
        EXPECT_EQ(text.find('\n'), std::string::npos);
        const auto after = parse_item_ion(text);
        ASSERT_TRUE(after) << after.error().message << "\n" << text;
        ASSERT_TRUE(*after == before) << text;
    }
}

TEST(ItemIon, WhatOthersWriteIsRead) {
    EXPECT_EQ(read(R"( { 'a' : 1 , "b" : [ true , ], /* a comment */ c:'''long ''' '''text''', // to the end
                       d: {{ AA E= }}, } )"),
              R"({"a":{"N":"1"},"b":{"L":[{"BOOL":true}]},"c":{"S":"long text"},"d":{"B":"AAE="}})");
    EXPECT_EQ(read_value(R"("\x41\u00e9\U0001f600\ud83d\ude00\t\"\\\
x")"),
              "{\"S\":\"A\xc3\xa9\xf0\x9f\x98\x80\xf0\x9f\x98\x80\\t\\\"\\\\x\"}");
    EXPECT_EQ(read_value("0xFF"), R"({"N":"255"})");
    EXPECT_EQ(read_value("-0b1_01"), R"({"N":"-5"})");
    EXPECT_EQ(read_value("1_000.5D-1"), R"({"N":"100.05"})");
    EXPECT_EQ(read_value("null.string"), R"({"NULL":true})");
    EXPECT_EQ(read_value("'$dynamodb_SS'::[\"b\",\"a\"]"), R"({"SS":["a","b"]})");
}

TEST(ItemIon, WhatDynamoDbHasNoTypeForIsRefusedByName) {
    EXPECT_EQ(read_value("1e0"), "DynamoDB has no type for Ion's float: 1e0");
    EXPECT_EQ(read_value("+inf"), "DynamoDB has no type for Ion's float: +inf");
    EXPECT_EQ(read_value("nan"), "DynamoDB has no type for Ion's symbol: nan");
    EXPECT_EQ(read_value("2007-02-23T12:14Z"), "DynamoDB has no type for Ion's timestamp: 2007-02-23T12:14Z");
    EXPECT_EQ(read_value("2007T"), "DynamoDB has no type for Ion's timestamp: 2007T");
    EXPECT_EQ(read_value("hello"), "DynamoDB has no type for Ion's symbol: hello");
    EXPECT_EQ(read_value("'true'"), "DynamoDB has no type for Ion's symbol: true");
    EXPECT_TRUE(read_value("{{\"clob\"}}").starts_with("DynamoDB has no type for Ion's clob"));
    EXPECT_EQ(read_value("(a b)"), "DynamoDB has no type for Ion's sexp");
    EXPECT_EQ(read_value("meters::5"), "DynamoDB has no meaning for the annotation meters");
    EXPECT_EQ(read_value("$dynamodb_SS::[]"), sentences::empty_string_set);
    EXPECT_EQ(read_value("$dynamodb_NS::[1, 1.0]"), sentences::duplicate_numbers);
    EXPECT_EQ(read_value("$dynamodb_NS::[\"1\"]"), "a set has a member of another type");
    EXPECT_EQ(read("{a:1,a:2}"), "the attribute a is there twice");
    EXPECT_EQ(read("{'':1}"), sentences::empty_name);
}

TEST(ItemIon, WhatIsNotIonIsRefused) {
    for (const char* wrong : {"",
                              "[]",
                              "{{}}",
                              "{",
                              "{a}",
                              "{a:}",
                              "{a:1",
                              "{a:1 b:2}",
                              "{a::1}",
                              "{,}",
                              "{a:1}}",
                              "{a:01}",
                              "{a:1__0}",
                              "{a:1_}",
                              "{a:0x}",
                              "{a:\"x}",
                              "{a:\"\n\"}",
                              "{a:\"\\q\"}",
                              "{a:\"\\ud83d\"}",
                              "{a:\"\\ude00\"}",
                              "{a:{{A}}}",
                              "{a:{{AA==}",
                              "{a:null.x}",
                              "{a:null.}",
                              "{$10:1}",
                              "{a:1,,}",
                              "{a:[1 2]}",
                              "{a:[1,,2]}",
                              "{a:\"\xff\"}",
                              "/* {a:1}",
                              "{a:.5}",
                              "{a:1d}",
                              "{a:--1}",
                              "{a:1}x"}) {
        const auto item = parse_item_ion(wrong);
        EXPECT_FALSE(item) << wrong;
        if (!item) EXPECT_EQ(item.error().code, ErrorCode::invalid_argument);
    }
}

TEST(ItemIon, DepthIsBounded) {
    const auto nested = [](int levels) {
        return "{a:" + std::string(static_cast<size_t>(levels), '[') + std::string(static_cast<size_t>(levels), ']') +
               "}";
    };
    EXPECT_TRUE(parse_item_ion(nested(nesting_max)));
    EXPECT_EQ(read(nested(nesting_max + 1)), sentences::too_deep);
    EXPECT_EQ(read(nested(1'000'000)), sentences::too_deep);
}

}  // namespace
}  // namespace millrace::table
