#include "src/source/json_slice.h"

#include <gtest/gtest.h>

namespace millrace::source {
namespace {

std::string compact(std::string_view text) {
    std::string out;
    append_compact(text, out);
    return out;
}

std::string found(std::string_view path, std::string_view text) {
    const auto parsed = SlicePath::parse(path);
    EXPECT_TRUE(parsed.ok()) << path << ": " << parsed.error().message;
    return std::string(parsed->find(text));
}

TEST(JsonSlice, reads_json_strictly) {
    for (const char* text : {"0", "-0.5e+7", "\"a\\u00e9\\n\"", "[]", " { \"a\" : [ 1 , null ] } ", "true",
                             "123456789012345678901234567890", "{\"a\":{}}", "\"\\/\""})
        EXPECT_TRUE(is_json(text)) << text;
    for (const char* text :
         {"",        " ",        "01",     "1.",         ".5",   "+1",       "-",       "1e",          "[1,]", "[,]",
          "{\"a\"}", "{\"a\":}", "{a:1}",  "{\"a\":1,}", "'a'",  "\"a",      "\"\\x\"", "\"\\u12g4\"", "tru",  "nul",
          "[1 2]",   "{} {}",    "\"\n\"", "NaN",        "\xff", "\"\xc3\"", "[1]]",    "[[1]"})
        EXPECT_FALSE(is_json(text)) << text;
    EXPECT_TRUE(is_json(std::string(64, '[') + std::string(64, ']')));
    EXPECT_FALSE(is_json(std::string(65, '[') + std::string(65, ']')));
    EXPECT_FALSE(is_json(std::string("[1\0]", 4)));
}

TEST(JsonSlice, finds_places_digit_for_digit) {
    const char* text = R"({"a": {"b c": [10, {"n": 1.10, "big": 123456789012345678901}]}, "a\"b": 7, "x": 1, "x": 2})";
    EXPECT_EQ(found("$.a['b c'][0]", text), "10");
    EXPECT_EQ(found("$.a[\"b c\"][1].n", text), "1.10");
    EXPECT_EQ(found("$['a']['b c'][1].big", text), "123456789012345678901");
    EXPECT_EQ(found("$['a\"b']", text), "7");
    EXPECT_EQ(found("$.x", text), "2");
    EXPECT_EQ(found("$", " [1] "), "[1]");
    for (const char* nothing : {"$.b", "$.a.b", "$.a['b c'][2]", "$[0]", "$.x.y"}) EXPECT_EQ(found(nothing, text), "");
}

TEST(JsonSlice, knows_paths_that_name_more) {
    for (const char* path : {"$.a[*]", "$..a", "$.a[?(@.b)]", "$.a[0,1]", "$.a[1:2]", "$['a','b']", "$.*", "$[-1]"})
        EXPECT_EQ(SlicePath::parse(path).error().code, ErrorCode::unsupported) << path;
    for (const char* path : {"", "a", "$a", "$.", "$[", "$['a", "$.a.", "$[]x"})
        EXPECT_FALSE(SlicePath::parse(path).ok()) << path;
}

TEST(JsonSlice, takes_blanks_out_but_of_strings) {
    EXPECT_EQ(compact("{ \"a b\" :\n[ 1 , \"\\\" x\" ] }"), "{\"a b\":[1,\"\\\" x\"]}");
    EXPECT_EQ(text_of("\"a\\u0041\""), "aA");
    EXPECT_EQ(text_of("12"), "12");
}

}  // namespace
}  // namespace millrace::source
