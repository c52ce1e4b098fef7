#include "src/table/value/item_codec.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "src/base/bytes.h"
#include "src/table/value/item_json.h"
#include "src/table/value/random_value.h"

namespace millrace::table {
namespace {

Item item(std::string_view json) {
    auto parsed = parse_item_json(json);
    EXPECT_TRUE(parsed) << parsed.error().message;
    return *parsed;
}

constexpr std::string_view every_type =
    R"({"b":{"B":"AAE="},"f":{"BOOL":false},"id":{"S":"x"},"l":{"L":[{"N":"-1"},{"NULL":true}]},)"
    R"("m":{"M":{"k":{"BOOL":true}}},"n":{"N":"12.5"},"xb":{"BS":["AA==","AQ=="]},"xn":{"NS":["-2","0","10"]},)"
    R"("xs":{"SS":["a","b"]}})";

TEST(ItemCodec, BytesOfVersionOneNeverChange) {
    EXPECT_EQ(hex_encode(encode_item(item(R"({"id":{"S":"x"},"n":{"N":"12.5"}})"))),
              "01070202696400017801"
              "6e01c10d3300");
    EXPECT_EQ(hex_encode(encode_item(item(every_type))),
              "012d0901620202000101660300026964000178016c060600000002013e6466"
              "04016d050500000001016b0301016e01c10d3300027862090500000002010001010278"
              "6e080900000003"
              "3e6366"
              "8000"
              "c10b00"
              "027873070500000002"
              "01610162");
}

TEST(ItemCodec, EveryItemComesBack) {
    std::mt19937 random(1);
    for (int round = 0; round < 3000; ++round) {
        const Item before = testing::random_map(random, 4);
        const std::string bytes = encode_item(before);
        const auto after = decode_item(bytes);
        ASSERT_TRUE(after) << after.error().message;
        ASSERT_TRUE(*after == before);
        ASSERT_EQ(counted_bytes_of_encoded(bytes).value(), counted_bytes(before));

        for (const auto& [name, value] : before) ASSERT_TRUE(decode_attribute(bytes, name).value() == value);
        ASSERT_FALSE(decode_attribute(bytes, "no such name").value());

        std::string json;
        append_json(before, &json);
        std::string json_of_bytes;
        ASSERT_TRUE(append_json_of_encoded(bytes, &json_of_bytes));
        ASSERT_EQ(json, json_of_bytes);
        ASSERT_TRUE(parse_item_json(json).value() == before);
    }
}

TEST(ItemCodec, DamageIsToldAndNeverFollowed) {
    std::mt19937 random(2);
    const std::string whole = encode_item(item(every_type));
    for (size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(decode_item(whole.substr(0, size)));
    for (int round = 0; round < 20'000; ++round) {
        std::string bytes = whole;
        bytes[random() % bytes.size()] = static_cast<char>(random());
        std::string json;
        (void)append_json_of_encoded(bytes, &json);
        (void)decode_attribute(bytes, "xs");
        // What is read at all is an item that is written the same way, but for the count in the header.
        if (const auto read = decode_item(bytes)) ASSERT_TRUE(decode_item(encode_item(*read)).value() == *read);
    }
    std::string deep = std::string(
        "\x01\x00\x01\x01"
        "a",
        5);
    for (int i = 0; i < 100; ++i) deep += std::string("\x06\xff\xff\x00\x00\x01", 6);
    EXPECT_FALSE(decode_item(deep + std::string(70'000, '\x04')));
}

TEST(KeyCodec, BytesSortAsValuesDo) {
    std::mt19937 random(3);
    const auto key = [](const AttributeValue& value) {
        std::string out;
        append_key_value(value, &out);
        return out;
    };
    for (int round = 0; round < 20'000; ++round) {
        const std::string a = testing::random_bytes(random);
        const std::string b = testing::random_bytes(random);
        const std::string key_a = key({a});
        const std::string key_b = key({Binary{b}});
        ASSERT_EQ(a < b, key_a < key_b);
        ASSERT_TRUE(a == b || (!key_a.starts_with(key_b) && !key_b.starts_with(key_a)));
        const Number number = testing::random_number(random);
        const std::string both = key_a + key({number}) + "rest";
        std::string_view in = both;
        ASSERT_EQ(take_key_value(&in, Type::S).value(), AttributeValue{a});
        ASSERT_EQ(take_key_value(&in, Type::N).value(), AttributeValue{number});
        ASSERT_EQ(in, "rest");
    }
    for (const std::string& bytes :
         {std::string(""), std::string("ab"), std::string("ab\0", 3), std::string("a\0\x02", 3)}) {
        std::string_view in = bytes;
        EXPECT_FALSE(take_key_value(&in, Type::S));
    }
}

TEST(ItemJson, RefusesWithTheWordsOfAws) {
    const std::pair<const char*, const char*> cases[] = {
        {R"({})", "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"},
        {R"({"S":"a","N":"1"})",
         "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported "
         "datatypes"},
        {R"({"NULL":false})",
         "One or more parameter values were invalid: Null attribute value types must have the value of true"},
        {R"({"SS":[]})", "One or more parameter values were invalid: An string set  may not be empty"},
        {R"({"SS":["a","a"]})",
         "One or more parameter values were invalid: Input collection [a, a] contains duplicates."},
        {R"({"NS":["1","1.0"]})", "Input collection contains duplicates"},
        {R"({"BS":["Yg==","Yg=="]})",
         "One or more parameter values were invalid: Input collection [Yg==, Yg==]of type BS contains duplicates."},
        {R"({"N":"abc"})", "The parameter cannot be converted to a numeric value: abc"},
    };
    for (const auto& [json, message] : cases) {
        const auto parsed = parse_value_json(json);
        ASSERT_FALSE(parsed) << json;
        EXPECT_EQ(parsed.error().message, message);
    }
    const auto nested = [](int levels) {
        std::string json;
        for (int i = 0; i < levels; ++i) json += R"({"L":[)";
        json += R"({"S":""})";
        for (int i = 0; i < levels; ++i) json += "]}";
        return json;
    };
    EXPECT_TRUE(parse_value_json(nested(31)));
    EXPECT_FALSE(parse_value_json(nested(32)));
    EXPECT_FALSE(parse_value_json(nested(100'000)));
}

TEST(ItemJson, EscapesWhatJsonMustHaveEscaped) {
    std::string json;
    append_json(AttributeValue{std::string("a\"\\\n\x01 long enough for one whole vector \x1f\xc3\xa9")}, &json);
    EXPECT_EQ(json, "{\"S\":\"a\\\"\\\\\\n\\u0001 long enough for one whole vector \\u001f\xc3\xa9\"}");
}

TEST(CountedBytes, FollowTheDeveloperGuide) {
    EXPECT_EQ(counted_bytes(item(R"({"id":{"S":"abc"}})")), 5u);
    EXPECT_EQ(counted_bytes(item(R"({"l":{"L":[{"S":"ab"},{"BOOL":true}]}})")), 1u + 3 + 2 + 2 + 1);
    EXPECT_EQ(counted_bytes(item(R"({"m":{"M":{"k":{"NULL":true}}}})")), 1u + 3 + 1 + 1 + 1);
    EXPECT_EQ(counted_bytes(item(R"({"s":{"SS":["a","bc"]}})")), 4u);
}

}  // namespace
}  // namespace millrace::table
