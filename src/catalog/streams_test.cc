#include "src/catalog/streams.h"

#include <gtest/gtest.h>

namespace millrace::catalog {
namespace {

TEST(Streams, ADefinitionComesBackAsItWasWritten) {
    Stream stream;
    stream.scope = {"123456789012", "eu-west-1"};
    stream.name = "orders";
    stream.incarnation = 7;
    stream.on_demand = true;
    stream.created = TimestampMs(1'700'000'000'000);
    stream.tags = {{"team", "ingest \"a\""}};
    Shard shard;
    shard.id = "shardId-000000000000";
    shard.log_key = UINT64_MAX;
    shard.hash_last = {UINT64_MAX, UINT64_MAX};
    shard.position_first = 4096;
    shard.position_last = 8192;
    stream.shards = {shard};

    const Result<Stream> back = decode_stream(stream.scope, encode_stream(stream));

    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(encode_stream(*back), encode_stream(stream));
    EXPECT_EQ(back->shards[0].hash_last, shard.hash_last);
    EXPECT_EQ(back->shards[0].log_key, UINT64_MAX);
    EXPECT_EQ(arn_of(*back), "arn:aws:kinesis:eu-west-1:123456789012:stream/orders");
}

TEST(Streams, DamageIsNamedAndNotGuessedAt) {
    for (const char* damaged : {"", "{}", "[1]", R"({"format":1})", R"({"format":1,"name":3})"}) {
        const Result<Stream> back = decode_stream({}, damaged);
        ASSERT_FALSE(back.ok());
        EXPECT_EQ(back.error().code, ErrorCode::corruption);
    }
    EXPECT_EQ(decode_stream({}, R"({"format":2})").error().code, ErrorCode::unsupported);
}

}  // namespace
}  // namespace millrace::catalog
