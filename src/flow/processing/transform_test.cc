#include "src/flow/processing/transform.h"

#include <gtest/gtest.h>

namespace millrace::flow {
namespace {

std::vector<Arrival> two() {
    return {{log::Position(12), 0, TimestampMs(1000), "shardId-000000000001", "key\"", "one"},
            {log::Position(13), 1, TimestampMs(2000), "shardId-000000000001", "k", "two"}};
}
std::string id(size_t i) {
    return record_id(two()[i]);
}
std::string answer(const std::string& records) {
    return "{\"records\":[" + records + "]}";
}
std::string ok(const std::string& of, const std::string& more = "") {
    return R"({"recordId":")" + of + R"(","result":"Ok","data":"b25l")" + more + "}";
}

TEST(Transform, TheEventIsFirehoses) {
    const auto arrivals = two();
    EXPECT_EQ(
        transform_event({"arn:d", "arn:s", {"000000000000", "eu-west-1"}}, "i-1", std::span(arrivals).first(1)),
        R"({"invocationId":"i-1","deliveryStreamArn":"arn:d","sourceKinesisStreamArn":"arn:s","region":"eu-west-1",)"
        R"("records":[{"recordId":"49600000000000000000000000000000000000000000000000000012000000",)"
        R"("approximateArrivalTimestamp":1000,"kinesisRecordMetadata":{)"
        R"("sequenceNumber":"49600000000000000000000000000000000000000000000000000012","subsequenceNumber":0,)"
        R"("partitionKey":"key\"","shardId":"shardId-000000000001","approximateArrivalTimestamp":1000},)"
        R"("data":"b25l"}]})");
    EXPECT_EQ(transform_event({"arn:d", "", {"000000000000", "eu-west-1"}}, "i-1", {}),
              R"({"invocationId":"i-1","deliveryStreamArn":"arn:d","region":"eu-west-1","records":[]})");
}

TEST(Transform, ARecordOfTheEventHasItsBound) {
    std::vector<Arrival> arrivals = two();
    arrivals[1].partition_key = std::string(256, '\x01');
    arrivals[1].time = TimestampMs(1'795'316'582'370);
    for (const char* stream : {"", "arn:s"}) {
        const TransformSource source{"arn:d", stream, {"000000000000", "eu-west-1"}};
        const size_t one = transform_event(source, "i-1", std::span(arrivals).first(1)).size();
        const size_t both = transform_event(source, "i-1", arrivals).size();
        EXPECT_LE(both - one, event_record_bytes(source, arrivals[1].partition_key) + 4) << stream;
    }
}

TEST(Transform, EachRecordHasItsAnswer) {
    const auto out =
        read_transform_answer(answer(R"({"recordId":")" + id(1) + R"(","result":"Dropped"},)" +
                                     ok(id(0), R"(,"metadata":{"partitionKeys":{"c":"DE","n":7,"none":null}})")),
                              two());
    EXPECT_EQ(out[0].result, Transformed::Result::ok);
    EXPECT_EQ(out[0].data, "one");
    EXPECT_EQ(out[0].keys, (PartitionKeys{{"c", "DE"}, {"n", "7"}}));
    EXPECT_EQ(out[1].result, Transformed::Result::dropped);
}

TEST(Transform, IdsMustBeThoseThatWereSent) {
    auto out = read_transform_answer(answer(ok(id(0)) + "," + ok("other")), two());
    EXPECT_EQ(out[0].result, Transformed::Result::ok);
    EXPECT_EQ(out[1].failure.code, "Lambda.MissingRecordId");
    out = read_transform_answer(answer(ok(id(0)) + "," + ok(id(0)) + "," + ok(id(1))), two());
    EXPECT_EQ(out[0].failure.code, "Lambda.DuplicatedRecordId");
    EXPECT_EQ(out[1].result, Transformed::Result::ok);
}

TEST(Transform, WhatIsNoAnswerFailsEveryRecord) {
    for (const char* text : {"", "null", "[]", "{}", R"({"records":{}})", "{\"records\":["}) {
        for (const Transformed& each : read_transform_answer(text, two())) {
            EXPECT_EQ(each.failure.code, "Lambda.JsonProcessingException") << text;
        }
    }
    const auto out =
        read_transform_answer(answer(R"({"recordId":")" + id(0) + R"(","result":"Ok","data":"***"},{"recordId":")" +
                                     id(1) + R"(","result":"ok"})"),
                              two());
    EXPECT_EQ(out[0].failure.code, "Lambda.FunctionError");
    EXPECT_EQ(out[1].failure.code, "Lambda.JsonProcessingException");
}

}  // namespace
}  // namespace millrace::flow
