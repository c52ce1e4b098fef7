#include "src/service/firehose/hot_body.h"

#include <gtest/gtest.h>

#include "src/base/base64.h"
#include "src/service/firehose/limits.h"

namespace millrace::service::firehose {
namespace {

std::optional<log::ShardKey> any_shard(std::string_view) {
    return log::ShardKey(3);
}

struct Read {
    std::optional<HotRecords> records;
    std::string asked;
};

Read read(std::string body, bool many = true) {
    body.append(64, '\xff');
    const std::string_view inside(body.data(), body.size() - 64);
    Read out;
    const auto shard_of = [&](std::string_view name) {
        out.asked = name;
        return any_shard(name);
    };
    out.records = many ? HotBody::of_this_thread().read_many(inside, shard_of)
                       : HotBody::of_this_thread().read_one(inside, shard_of);
    return out;
}

TEST(HotBody, TakesRecordsInAnyOrderOfMembers) {
    for (const char* body : {
             R"({"DeliveryStreamName":"d","Records":[{"Data":"aGVsbG8="},{"Data":""}]})",
             R"({"Records":[{"Data":"aGVsbG8="},{"Other":1,"Data":""}],"DeliveryStreamName":"d"})",
             " { \"DeliveryStreamName\" : \"d\" , \"Records\" : [ { \"Data\" : \"aGVsbG8=\" } ,\n{ \"Data\" : \"\" } ] "
             "} ",
         }) {
        const Read got = read(body);
        ASSERT_TRUE(got.records) << body;
        EXPECT_EQ(got.asked, "d");
        EXPECT_EQ(got.records->batch.count(), 2u);
        EXPECT_EQ(got.records->data_bytes, 5u);
        EXPECT_EQ(got.records->batch.shard(), log::ShardKey(3));
    }
    const Read one = read(R"({"DeliveryStreamName":"d","Record":{"Data":"aGVsbG8="}})", false);
    ASSERT_TRUE(one.records);
    EXPECT_EQ(one.records->data_bytes, 5u);
}

TEST(HotBody, TakesEscapedSlashesOfBase64) {
    const Read got = read(R"({"DeliveryStreamName":"d","Records":[{"Data":"\/\/\/\/"}]})");
    ASSERT_TRUE(got.records);
    EXPECT_EQ(got.records->data_bytes, 3u);
}

TEST(HotBody, LeavesEverythingElseToTheGenericDecoder) {
    for (const char* body : {
             "",
             "[]",
             "{}",
             "nonsense",
             R"({"DeliveryStreamName":"d"})",
             R"({"Records":[{"Data":""}]})",
             R"({"DeliveryStreamName":5,"Records":[{"Data":""}]})",
             R"({"DeliveryStreamName":"d","Records":[]})",
             R"({"DeliveryStreamName":"d","Records":{}})",
             R"({"DeliveryStreamName":"d","Records":[{}]})",
             R"({"DeliveryStreamName":"d","Records":[{"Data":"a"}]})",
             R"({"DeliveryStreamName":"d","Records":[{"Data":"not base64!"}]})",
             R"({"DeliveryStreamName":"d","Records":[{"Data":null}]})",
             R"({"DeliveryStreamName":"d","Records":[{"Data":"aGVsbG8="},7]})",
             R"({"DeliveryStreamName":"d","Records":[{"Data":"aGVs\u0062G8="}]})",
             R"({"DeliveryStreamName":"d","Records":[{"Data":"aGVsbG8="},)",
         }) {
        EXPECT_FALSE(read(body).records) << body;
    }
    const auto nowhere = [](std::string_view) { return std::optional<log::ShardKey>(); };
    std::string body = R"({"DeliveryStreamName":"d","Records":[{"Data":""}]})";
    body.append(64, ' ');
    EXPECT_FALSE(HotBody().read_many(std::string_view(body.data(), body.size() - 64), nowhere));
}

TEST(HotBody, HoldsTheLimits) {
    const auto batch = [](size_t count, size_t bytes) {
        std::string out = R"({"DeliveryStreamName":"d","Records":[)";
        for (size_t i = 0; i < count; ++i) {
            out += (i ? "," : "") + std::string(R"({"Data":")") + base64_encode(std::string(bytes, 'x')) + "\"}";
        }
        return out + "]}";
    };
    EXPECT_TRUE(read(batch(batch_records_max, 1)).records);
    EXPECT_FALSE(read(batch(batch_records_max + 1, 1)).records);
    EXPECT_TRUE(read(batch(1, record_bytes_max)).records);
    EXPECT_FALSE(read(batch(1, record_bytes_max + 1)).records);
    EXPECT_EQ(read(batch(5, 1'000'000)).records->data_bytes, 5'000'000u) << "the sum is the caller's to judge";
}

}  // namespace
}  // namespace millrace::service::firehose
