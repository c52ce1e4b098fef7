#include "src/flow/pipe/input_template.h"

#include <gtest/gtest.h>

#include "src/flow/pipe/program.h"

namespace millrace::flow::pipe {
namespace {

const Surroundings surroundings{"arn:pipe", "orders", "arn:source", "", "arn:target", "2026-11-21T10:00:00.000Z"};

std::string applied(std::string_view text, std::string_view event) {
    const auto parsed = InputTemplate::parse(text);
    EXPECT_TRUE(parsed.ok()) << text;
    const Event made{std::string(event), vtl::parse_json(event).value_or(vtl::Value())};
    return *parsed->apply(made, surroundings, 1'000'000);
}

constexpr std::string_view event =
    R"({"a":"x\"y","n":1.5,"list":[1,{"k":"v"}],"o":{"p":null},"with-dash":{"_u":true}})";

TEST(InputTemplate, JsonGetsJsonAndQuotationMarksGetText) {
    EXPECT_EQ(applied(R"({"a": <$.a>, "b": "<$.a>"})", event), R"({"a": "x\"y", "b": "x\"y"})");
    EXPECT_EQ(applied(R"({"l": <$.list>, "q": "<$.list>"})", event),
              R"({"l": [1,{"k":"v"}], "q": "[1,{\"k\":\"v\"}]"})");
    EXPECT_EQ(applied(R"({"n": <$.n>, "none": <$.absent>, "q": "-<$.absent>-"})", event),
              R"({"n": 1.5, "none": null, "q": "--"})");
    EXPECT_EQ(applied(R"([<$.list[1].k>, <$.with-dash._u>, "a\"<$.n>"])", event), R"(["v", true, "a\"1.5"])");
}

TEST(InputTemplate, TextGetsText) {
    EXPECT_EQ(applied("order <$.n>: <$.a>", event), "order 1.5: x\"y");
    EXPECT_EQ(applied("<$.a>", event), "x\"y");
    EXPECT_EQ(applied("a < b <c> <", event), "a < b <c> <");
    EXPECT_EQ(applied("", event), "");
    EXPECT_EQ(applied("<$.o>", event), R"({"p":null})");
}

TEST(InputTemplate, ReservedVariables) {
    EXPECT_EQ(applied(R"({"p":<aws.pipes.pipe-arn>,"n":"<aws.pipes.pipe-name>","t":<aws.pipes.event.ingestion-time>})",
                      event),
              R"({"p":"arn:pipe","n":"orders","t":"2026-11-21T10:00:00.000Z"})");
    EXPECT_EQ(applied(R"({"e":<aws.pipes.event>})", R"({"x":1})"), R"({"e":{"x":1}})");
    EXPECT_EQ(applied(R"({"e":"<aws.pipes.event>"})", R"({"x":1})"), R"({"e":"{\"x\":1}"})");
    EXPECT_FALSE(InputTemplate::parse("<aws.pipes.nonsense>").ok());
    EXPECT_FALSE(InputTemplate::parse("<$.a[>").ok());
}

TEST(InputTemplate, IsBounded) {
    const auto parsed = InputTemplate::parse("<$.a><$.a><$.a>");
    const std::string text = R"({"a":")" + std::string(1'000, 'x') + R"("})";
    const Event made{text, *vtl::parse_json(text)};
    EXPECT_TRUE(parsed->apply(made, surroundings, 3'000).ok());
    EXPECT_EQ(parsed->apply(made, surroundings, 2'999).error().code, ErrorCode::resource_exhausted);
}

TEST(Program, TakesBatchesApart) {
    Pipe pipe;
    pipe.name = "orders";
    pipe.target.arn = "arn:aws:kinesis:us-east-1:000000000000:stream/out";
    pipe.target.partition_key = "$.partitionKey";
    pipe.target.input_template = "<$.data>";
    const auto program = *Program::compile(pipe);
    // "hi" and {"a":1} in base64; a partition key that looks like what stands behind it.
    const auto events = program->events_of(
        R"({"Records":[{"kinesis":{"partitionKey":"\"},\"eventSource\":","sequenceNumber":"7","data":"aGk="},)"
        R"("eventSource":"aws:kinesis","eventID":"s:7"},)"
        R"({"kinesis":{"partitionKey":"k","sequenceNumber":"8","data":"eyJhIjoxfQ=="},"eventSource":"aws:kinesis",)"
        R"("eventID":"s:8"}]})");
    ASSERT_TRUE(events.ok());
    ASSERT_EQ(events->size(), 2u);
    EXPECT_EQ(
        (*events)[1].text,
        R"({"partitionKey":"k","sequenceNumber":"8","data":"eyJhIjoxfQ==","eventSource":"aws:kinesis","eventID":"s:8"})");
    EXPECT_EQ(ids_of((*events)[1]).sequence, "8");
    EXPECT_EQ(ids_of((*events)[1]).event, "s:8");
    const auto delivery = *program->to_target(*events, TimestampMs(0));
    ASSERT_EQ(delivery.items.size(), 2u);
    EXPECT_EQ(delivery.items[0].body, "hi");
    EXPECT_EQ(delivery.items[0].partition_key, "\"},\"eventSource\":");
    EXPECT_EQ(delivery.items[1].body, R"({"a":1})");
}

TEST(Program, ReadsWhatEnrichmentsAnswer) {
    Pipe pipe;
    pipe.target.arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
    const auto program = *Program::compile(pipe);
    for (const char* none : {"", " ", "\"\"", "{}", "[]", "null"})
        EXPECT_TRUE(program->enriched(none)->empty()) << none;
    EXPECT_EQ(program->enriched(R"({"a":1})")->size(), 1u);
    EXPECT_EQ(program->enriched(R"([ {"a":1} , [2], "x" ])")->size(), 3u);
    EXPECT_FALSE(program->enriched("[1,").ok());
    EXPECT_FALSE(program->enriched("{]").ok());
    const auto delivery = *program->to_target(*program->enriched(R"([ {"a":1} , "x" ])"), TimestampMs(0));
    ASSERT_EQ(delivery.items.size(), 1u);
    EXPECT_EQ(delivery.items[0].body, R"([{"a":1},"x"])");
}

}  // namespace
}  // namespace millrace::flow::pipe
