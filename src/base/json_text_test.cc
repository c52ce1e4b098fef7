#include "src/base/json_text.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

std::string escaped(std::string_view text) {
    std::string out;
    append_json_escaped(text, out);
    return out;
}
std::string quoted(std::string_view text) {
    std::string out;
    append_json_string(text, out);
    return out;
}

TEST(JsonText, EscapesWhatJsonWantsEscaped) {
    EXPECT_EQ(escaped("a\"b\\c\nd\re\tf"), R"(a\"b\\c\nd\re\tf)");
    EXPECT_EQ(escaped(std::string_view("\0\x01\x1f\x20\x7f", 5)), "\\u0000\\u0001\\u001f \x7f");
    EXPECT_EQ(escaped(""), "");
}

// Sixteen characters are looked at together: the one to escape is tried at each place of texts of each length.
TEST(JsonText, EscapesAtEveryPlace) {
    for (size_t size = 1; size <= 50; ++size) {
        for (size_t at = 0; at < size; ++at) {
            for (const auto& [c, escape] : {std::pair('"', "\\\""), std::pair('\x1f', "\\u001f")}) {
                std::string text(size, '\xc3');
                std::string expected = text;
                text[at] = c;
                expected.replace(at, 1, escape);
                ASSERT_EQ(escaped(text), expected) << size << " " << at;
            }
        }
    }
}

TEST(JsonText, WhatIsNotUtf8IsReplaced) {
    EXPECT_EQ(quoted("caf\xc3\xa9"), "\"caf\xc3\xa9\"");
    EXPECT_EQ(quoted("a\xff\"\xc3"), "\"a\xEF\xBF\xBD\\\"\xEF\xBF\xBD\"");
}

}  // namespace
}  // namespace millrace
