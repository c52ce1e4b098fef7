#include "src/service/kinesis/put_body.h"

#include <gtest/gtest.h>

namespace millrace::service::kinesis {
namespace {

class PutBody : public testing::Test {
  protected:
    PutBody() {
        catalog::Stream definition;
        definition.name = "s";
        definition.shards.push_back(
            {.id = "shardId-000000000000", .log_key = 1, .hash_last = {UINT64_MAX, UINT64_MAX}});
        stream_ = std::make_shared<const LiveStream>(std::move(definition));
    }

    std::shared_ptr<PutBatch> records(std::string body) {
        const size_t size = body.size();
        body.append(64, '\0');
        return read_put_records(std::string_view(body).substr(0, size),
                                [&](const auto& name, const auto&) { return name == "s" ? stream_ : nullptr; });
    }
    std::shared_ptr<PutBatch> record(std::string body) {
        const size_t size = body.size();
        body.append(64, '\0');
        return read_put_record(std::string_view(body).substr(0, size),
                               [&](const auto& name, const auto&) { return name == "s" ? stream_ : nullptr; });
    }

    StreamPointer stream_;
};

TEST_F(PutBody, RegularBodiesAreTakenInAnyOrderOfMembers) {
    EXPECT_EQ(records(R"({"StreamName":"s","Records":[{"Data":"YQ==","PartitionKey":"k"}]})")->bytes(), 2u);
    EXPECT_EQ(
        records(R"({"Records":[{"PartitionKey":"k","Data":"YWJj"},{"Data":"","PartitionKey":"k"}],"StreamName":"s"})")
            ->count(),
        2u);
    EXPECT_EQ(record(R"({"Data":"YQ==","StreamName":"s","PartitionKey":"k","ExplicitHashKey":"7"})")->count(), 1u);
}

TEST_F(PutBody, WhatIsIrregularIsLeftToTheGenericDecoder) {
    for (const char* body : {
             "",
             "{}",
             "[]",
             R"({"StreamName":"s"})",
             R"({"StreamName":"s","Records":[]})",
             R"({"StreamName":"s","Records":[{"Data":"YQ=="}]})",
             R"({"StreamName":"s","Records":[{"PartitionKey":"k"}]})",
             R"({"StreamName":"s","Records":[{"Data":"*","PartitionKey":"k"}]})",
             R"({"StreamName":"s","Records":[{"Data":"YQ==","PartitionKey":""}]})",
             R"({"StreamName":"s","Records":[{"Data":"YQ==","PartitionKey":"\u0041"}]})",
             R"({"StreamName":"s","Records":[{"Data":"YQ==","PartitionKey":"k","ExplicitHashKey":"x"}]})",
             R"({"StreamName":"s","Records":[{"Data":"YQ==","PartitionKey":"k","Other":1}]})",
             R"({"StreamName":"s","Other":1,"Records":[{"Data":"YQ==","PartitionKey":"k"}]})",
             R"({"StreamName":"other","Records":[{"Data":"YQ==","PartitionKey":"k"}]})",
             R"({"StreamName":"s","Records":[{"Data":"YQ==","PartitionKey":"k"}],"StreamName":"other"})",
             R"({"StreamName":"s","Records":[{"Data":"YQ==","PartitionKey":"k"}])",
             R"({"StreamName":"s","Records":[{"Data":"YQ==","PartitionKey":"k"}]} and more)",
         }) {
        EXPECT_EQ(records(body), nullptr) << body;
    }
}

}  // namespace
}  // namespace millrace::service::kinesis
