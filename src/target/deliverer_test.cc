// What becomes of items whose calls are refused: the services here take what the test lets them.
#include <gtest/gtest.h>

#include "src/base/base64.h"
#include "src/base/service_call.h"
#include "src/catalog/registry.h"
#include "src/http/outbound/outbound.h"
#include "src/io/clock.h"
#include "src/io/executor.h"
#include "src/table/key_value_store.h"
#include "src/table/temporary_directory.h"
#include "src/target/target.h"

namespace millrace::target {
namespace {

constexpr const char* stream = "arn:aws:kinesis:us-east-1:000000000000:stream/s";

// PutRecords as a service that refuses the whole call for one record it does not take.
class Picky final : public ServiceCaller {
  public:
    void call(ServiceCall call, std::function<void(ServiceAnswer)> done) override {
        ++calls;
        ServiceAnswer answer;
        for (const std::string& each : refused) {
            if (call.body.find("\"" + base64_encode(each) + "\"") == std::string::npos) continue;
            answer.status = 400;
            answer.body = R"({"__type":")" + code + R"(","message":"no"})";
            return done(std::move(answer));
        }
        size_t at = 0;
        while ((at = call.body.find("\"Data\":\"", at)) != std::string::npos) {
            at += 8;
            ASSERT_TRUE(base64_decode(call.body.substr(at, call.body.find('"', at) - at), &taken.emplace_back()));
        }
        answer.status = 200;
        answer.body = R"({"FailedRecordCount":0,"Records":[]})";
        done(std::move(answer));
    }
    std::vector<std::string> refused, taken;
    std::string code = "ValidationException";
    size_t calls = 0;
};

class Delivering : public testing::Test {
  protected:
    std::string deliver(size_t count) {
        Target target;
        target.arn = stream;
        target.scope.account = "000000000000";
        std::vector<Item> items;
        for (size_t i = 0; i < count; ++i) items.push_back({.body = std::to_string(i), .partition_key = "k"});
        std::string failed;
        const auto outcomes = deliver_and_wait(*deliverer_, target, std::move(items));
        EXPECT_EQ(outcomes.size(), count);
        for (size_t i = 0; i < outcomes.size(); ++i) {
            if (!outcomes[i].ok()) failed += std::to_string(i) + " ";
        }
        return failed;
    }
    table::TemporaryDirectory directory_;
    std::unique_ptr<table::KeyValueStore> store_ =
        *table::open_rocksdb({.directory = directory_.path() + "/store", .sync = false});
    std::unique_ptr<catalog::Registry> registry_ = catalog::Registry::open(*store_);
    Picky services_;
    std::unique_ptr<http::Outbound> outbound_ = *http::Outbound::make({});
    std::unique_ptr<io::Executor> executor_ = io::make_executor({.threads_max = 1});
    std::unique_ptr<Deliverer> deliverer_ =
        Deliverer::make({}, services_, *registry_, *outbound_, *executor_, io::system_clock());
};

TEST_F(Delivering, OnlyTheBadItemOfACallIsRefused) {
    services_.refused = {"17", "18", "499"};
    EXPECT_EQ(deliver(600), "17 18 499 ");
    ASSERT_EQ(services_.taken.size(), 597u);
    for (size_t i = 1; i < services_.taken.size(); ++i) {  // and the order stays
        EXPECT_LT(std::stoi(services_.taken[i - 1]), std::stoi(services_.taken[i]));
    }
    EXPECT_LT(services_.calls, 60u);
}

TEST_F(Delivering, WhatIsSaidOfTheTargetIsSaidOnce) {
    services_.refused = {"3"};
    services_.code = "ResourceNotFoundException";
    EXPECT_EQ(deliver(5), "0 1 2 3 4 ");
    EXPECT_EQ(services_.calls, 1u);
}

TEST_F(Delivering, AllMayBeBad) {
    for (int i = 0; i < 7; ++i) services_.refused.push_back(std::to_string(i));
    EXPECT_EQ(deliver(7), "0 1 2 3 4 5 6 ");
    EXPECT_EQ(services_.calls, 13u);
}

}  // namespace
}  // namespace millrace::target
