#include "src/bus/input/input.h"

#include <gtest/gtest.h>

namespace millrace::bus {
namespace {

constexpr std::string_view event =
    R"({"version":"0","id":"i","resources":["r1","r2"],"detail":{"a-b":1.50,"s":"q\"uote","o":{"x":"y"},)"
    R"("l":[{"n":1},{"n":2}],"big":123456789012345678901234567890,"d":1,"d":2,"":0}})";

std::string find(std::string_view path) {
    const auto parsed = SlicePath::parse(path);
    if (!parsed.ok()) return "no path";
    return parsed->find(event).value_or("nothing");
}

TEST(SlicePath, GivesWhatStandsThere) {
    EXPECT_EQ(find("$"), event);
    EXPECT_EQ(find("$.detail.a-b"), "1.50");
    EXPECT_EQ(find("$.detail.big"), "123456789012345678901234567890");
    EXPECT_EQ(find("$.detail['a-b']"), "1.50");
    EXPECT_EQ(find("$.resources[1]"), "\"r2\"");
    EXPECT_EQ(find("$.resources[-1]"), "\"r2\"");
    EXPECT_EQ(find("$.resources[2]"), "nothing");
    EXPECT_EQ(find("$.detail.l[*].n"), "[1,2]");
    EXPECT_EQ(find("$.detail.o.*"), "[\"y\"]");
    EXPECT_EQ(find("$.detail.d"), "2");
    EXPECT_EQ(find("$.detail.s.x"), "nothing");
    EXPECT_EQ(find("$.nobody"), "nothing");
    for (const char* bad : {"", "a", "$.", "$..a", "$[", "$[x]", "$['a'", "$.a[?(@.b)]", "$a"}) {
        EXPECT_EQ(find(bad), "no path") << bad;
    }
}

std::string fill(const std::string& text, std::map<std::string, std::string> paths = {}) {
    const auto input = Input::compile({.text = text, .paths = std::move(paths)});
    if (!input.ok()) return input.error().message;
    return *input->apply(event, {"arn:rule", "rule", TimestampMs(0)});
}

TEST(Input, FillsTemplates) {
    EXPECT_EQ(fill(R"({"a": <a>, "s": <s>, "t": "is <s>"})", {{"a", "$.detail.a-b"}, {"s", "$.detail.s"}}),
              R"({"a": 1.50, "s": "q\"uote", "t": "is q\"uote"})");
    EXPECT_EQ(fill(R"("all: <o>, none: <n>")", {{"o", "$.detail.o"}, {"n", "$.no"}}), R"("all: {x:y}, none: ")");
    EXPECT_EQ(fill(R"({"n": <n>})", {{"n", "$.no"}}), R"({"n": null})");
    EXPECT_EQ(fill(R"({"r": <aws.events.rule-arn>, "t": "<aws.events.event.ingestion-time>"})"),
              R"({"r": "arn:rule", "t": "1970-01-01T00:00:00.000Z"})");
    EXPECT_EQ(fill(R"({"e": <aws.events.event>})"), R"({"e": {"version":"0","id":"i","resources":["r1","r2"]}})");
    EXPECT_EQ(fill("\"one <a>\"\n\"two\"", {{"a", "$.id"}}), "\"one i\"\n\"two\"");
    EXPECT_EQ(fill(R"({"less": "a < b > c"})"), R"({"less": "a < b > c"})");
}

TEST(Input, RefusesWhatGivesNoJson) {
    EXPECT_EQ(fill("{<a>}", {{"a", "$.id"}}), "InputTemplate gives no valid JSON");
    EXPECT_EQ(fill("plain"), "InputTemplate gives no valid JSON");
    EXPECT_EQ(fill(R"({"a": <b>})"), "InputTemplate uses <b>, which InputPathsMap does not define");
    EXPECT_FALSE(Input::compile({.constant = "{", .path = std::nullopt, .text = std::nullopt}).ok());
    EXPECT_FALSE(Input::compile({.constant = "{}", .path = "$", .text = std::nullopt}).ok());
}

TEST(Input, IsBounded) {
    std::string text = "{\"x\": \"";
    for (int i = 0; i < 300; ++i) text += "<aws.events.event.json>";
    const auto input = Input::compile({.text = text + "\"}"});
    ASSERT_TRUE(input.ok());
    const std::string large = "{\"detail\":\"" + std::string(250'000, 'x') + "\"}";
    EXPECT_FALSE(input->apply(large, {"", "", TimestampMs(0)}).ok());
}

}  // namespace
}  // namespace millrace::bus
