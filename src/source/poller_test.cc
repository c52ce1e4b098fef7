#include "src/source/poller.h"

#include <deque>
#include <functional>

#include <gtest/gtest.h>

#include "src/http/outbound/outbound.h"
#include "src/source/held_bytes.h"
#include "src/table/temporary_directory.h"

namespace millrace::source {
namespace {

using target::Outcome;

// Gives what it is told to, the last one again and again.
class Web final : public http::Outbound {
  public:
    Result<http::OutboundResponse> call(const http::OutboundRequest& request) override {
        asked.push_back(request.headers);
        http::OutboundResponse response = answers.front();
        if (answers.size() > 1) answers.pop_front();
        return response;
    }
    Status check_url(std::string_view) const override { return {}; }
    void stop() override {}
    http::OutboundStats stats() const override { return {}; }
    std::deque<http::OutboundResponse> answers;
    std::vector<http::Headers> asked;
};

class Destination final : public target::Deliverer {
  public:
    void deliver(const target::Target&, std::vector<target::Item> items, Done done) override {
        std::vector<Outcome> outcomes;
        for (const target::Item& item : items) {
            outcomes.push_back(verdict(item.body));
            if (outcomes.back().ok()) got.push_back(item.body);
        }
        done(std::move(outcomes));
    }
    std::function<Outcome(const std::string&)> verdict = [](const std::string&) { return Outcome{}; };
    std::vector<std::string> got;
};

http::OutboundResponse answer(std::string body, std::string etag = "") {
    http::OutboundResponse response{.status = 200, .body = std::move(body)};
    if (!etag.empty()) response.headers.add("etag", etag);
    return response;
}

Outcome failure(Outcome::Kind kind, std::string code) {
    return {.kind = kind, .code = std::move(code), .message = "no"};
}

using Texts = std::vector<std::string>;

struct PollerTest : ::testing::Test {
    PollerTest() { store = table::open_rocksdb({.directory = directory.path() + "/store", .sync = false}).value(); }
    std::unique_ptr<Poller> open(HeldBytes* held = nullptr) {
        Definition it;
        it.name = "n";
        it.url = "http://h/";
        it.key = "$";
        it.destination = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
        it.id = 1;
        return Poller::make(it, {*store, web, destination, clock, held}).value();
    }
    table::TemporaryDirectory directory;
    std::unique_ptr<table::KeyValueStore> store;
    Web web;
    Destination destination;
    io::ManualClock clock;
};

TEST_F(PollerTest, holds_what_is_not_taken_and_sends_only_that_again) {
    web.answers = {answer("[1,2,3]", "v1"), answer("[3,4]", "v2")};
    destination.verdict = [](const std::string& body) {
        return body == "2" ? failure(Outcome::Kind::retryable, "Throttled") : Outcome{};
    };
    auto poller = open();
    EXPECT_LE(poller->step(), 30'000);
    EXPECT_EQ(destination.got, (Texts{"1", "3"}));
    EXPECT_EQ(poller->standing().doing, Standing::Doing::held);
    EXPECT_FALSE(poller->is_idle());
    destination.verdict = [](const std::string&) { return Outcome{}; };
    poller->step();
    EXPECT_EQ(destination.got, (Texts{"1", "3", "2"}));
    EXPECT_EQ(web.asked.size(), 1u);
    EXPECT_TRUE(poller->is_idle());
    poller->step();
    EXPECT_EQ(web.asked.back().get("if-none-match"), "v1");
    EXPECT_EQ(destination.got, (Texts{"1", "3", "2", "4"}));
}

TEST_F(PollerTest, what_was_taken_before_a_death_is_known_and_the_rest_is_fetched_again) {
    web.answers = {answer("[1,2]", "v1")};
    destination.verdict = [](const std::string& body) {
        return body == "2" ? failure(Outcome::Kind::retryable, "Busy") : Outcome{};
    };
    open()->step();
    destination.verdict = [](const std::string&) { return Outcome{}; };
    open()->step();
    EXPECT_FALSE(web.asked.back().find("if-none-match"));  // not all of v1 had been sent
    EXPECT_EQ(destination.got, (Texts{"1", "2"}));
}

TEST_F(PollerTest, gives_up_what_is_refused_for_what_it_is_and_waits_for_a_destination_that_is_missing) {
    web.answers = {answer("[1,2]")};
    destination.verdict = [](const std::string& body) {
        return body == "1" ? failure(Outcome::Kind::permanent, "ValidationException") : Outcome{};
    };
    auto poller = open();
    poller->step();
    EXPECT_EQ(poller->standing().counts.refused, 1u);
    EXPECT_EQ(poller->standing().last_refusal, "ValidationException: no");
    EXPECT_TRUE(poller->is_idle());
    web.answers = {answer("[3]")};
    destination.verdict = [](const std::string&) {
        return failure(Outcome::Kind::permanent, "ResourceNotFoundException");
    };
    poller->step();
    EXPECT_FALSE(poller->is_idle());
    EXPECT_EQ(poller->standing().counts.refused, 1u);
}

TEST_F(PollerTest, does_not_take_a_broken_bodys_validators_for_its_own) {
    http::OutboundResponse unchanged{.status = 304};
    web.answers = {answer("[1]", "v1"), answer("<html>", "v2"), unchanged, unchanged};
    auto poller = open();
    poller->step();
    EXPECT_GE(poller->step(), 500);
    EXPECT_EQ(poller->standing().failures_in_a_row, 1u);
    poller->step();
    poller->step();
    EXPECT_EQ(web.asked.back().get("if-none-match"), "v1");
    EXPECT_EQ(poller->standing().failures_in_a_row, 0u);
    EXPECT_EQ(open()->standing().counts.sent, 1u);
}

TEST_F(PollerTest, holds_no_more_than_its_share_and_fetches_the_rest_again) {
    std::string body = "[";
    for (int i = 0; i < 20; ++i) {
        body += (i > 0 ? ",\"" : "\"") + std::to_string(10 + i) + std::string(1'000'000, 'x') + "\"";
    }
    web.answers = {answer(body + "]", "v1")};
    destination.verdict = [](const std::string& record) {
        return record.starts_with("\"10") ? Outcome{} : failure(Outcome::Kind::retryable, "Throttled");
    };
    HeldBytes all(64 << 20);
    auto poller = open(&all);
    poller->step();
    EXPECT_EQ(poller->standing().doing, Standing::Doing::held);
    EXPECT_EQ(poller->standing().counts.let_go, 11u);  // of the 19 that were not taken
    EXPECT_FALSE(all.take((64 << 20) - 8'000'000));
    destination.verdict = [](const std::string&) { return Outcome{}; };
    poller->step();
    EXPECT_TRUE(poller->is_idle());
    EXPECT_TRUE(all.take(64 << 20));
    poller->step();
    EXPECT_FALSE(web.asked.back().find("if-none-match"));
    EXPECT_EQ(destination.got.size(), 20u);
    EXPECT_EQ(poller->standing().counts.sent, 20u);
    EXPECT_EQ(poller->standing().counts.repeated, 9u);
}

TEST_F(PollerTest, holds_nothing_where_the_others_hold_it_all) {
    web.answers = {answer("[1,2]", "v1")};
    destination.verdict = [](const std::string&) { return failure(Outcome::Kind::retryable, "Throttled"); };
    HeldBytes all(0);
    auto poller = open(&all);
    EXPECT_GE(poller->step(), 500);
    EXPECT_EQ(poller->standing().counts.let_go, 2u);
    EXPECT_EQ(poller->standing().failures_in_a_row, 1u);
    EXPECT_EQ(poller->standing().last_error, "Throttled: no");
    destination.verdict = [](const std::string&) { return Outcome{}; };
    poller->step();
    EXPECT_EQ(destination.got, (Texts{"1", "2"}));
}

TEST_F(PollerTest, tells_how_late_it_is) {
    web.answers = {answer("[]"), http::OutboundResponse{.status = 500}};
    auto poller = open();
    poller->step();
    EXPECT_EQ(poller->standing().lag_ms, 0);
    clock.advance_ms(5'000);
    poller->step();
    EXPECT_EQ(poller->standing().lag_ms, 4'000);
    EXPECT_EQ(poller->standing().last_status, 500);
}

}  // namespace
}  // namespace millrace::source
