#include "src/gateway/access/reports.h"

#include <mutex>

#include <gtest/gtest.h>

#include "src/base/service_call.h"
#include "src/gateway/access/log_format.h"
#include "src/io/clock.h"
#include "src/journal/journal.h"
#include "src/table/temporary_directory.h"

namespace millrace::gateway {
namespace {

class FakeCaller final : public ServiceCaller {
  public:
    void call(ServiceCall call, std::function<void(ServiceAnswer)> done) override {
        {
            const std::lock_guard lock(mutex_);
            calls.push_back(call);
        }
        done({.status = 200, .headers = {}, .body = R"({"FailedPutCount":0})"});
    }
    std::vector<ServiceCall> calls;  // the lines' own thread adds to it, too: look once the reports are gone

  private:
    std::mutex mutex_;
};

class ReportsTest : public testing::Test {
  protected:
    std::shared_ptr<const Served> stage(std::string format, std::string destination,
                                        const std::function<void(Stage&)>& edit = {}, std::string api = "abc") {
        auto deployment = std::make_shared<Deployment>();
        deployment->api.id = std::move(api);
        auto made = std::make_shared<Stage>();
        made->name = "prod";
        made->access_log_format = std::move(format);
        made->access_log_destination = std::move(destination);
        if (edit) edit(*made);
        return std::make_shared<const Served>(Served{deployment, made, ++generation_});
    }
    FinishedRequest request(std::shared_ptr<const Served> served, int status = 200) {
        FinishedRequest finished;
        finished.served = std::move(served);
        finished.resource_path = "/orders";
        finished.http_method = "POST";
        finished.status = status;
        finished.latency_ms = 7;
        finished.integration_latency_ms = 3;
        finished.response_bytes = 42;
        finished.context = [](std::string_view name) -> std::optional<std::string> {
            if (name == "requestId") return "id-1";
            if (name == "identity.userAgent") return "evil\"}\n{\"status\":\"200\",\"x\":\"\x01";
            if (name == "error.messageString") return "\"Forbidden\"";
            return std::nullopt;
        };
        return finished;
    }
    std::vector<std::string> lines(const std::string& group) {
        EXPECT_TRUE(journal_->flush().ok());
        std::vector<std::string> texts;
        const auto page = journal_->read({}, group, journal::GroupRead{});
        if (!page.ok()) return texts;
        for (const journal::StoredEvent& event : page->events) texts.push_back(event.message);
        return texts;
    }

    uint64_t generation_ = 0;
    table::TemporaryDirectory directory_;
    io::ManualClock clock_;
    std::unique_ptr<journal::Journal> journal_ =
        journal::Journal::open({.directory = directory_.path(), .sync = false}, clock_).value();
    FakeCaller caller_;
    std::unique_ptr<Reports> reports_ =
        Reports::make({clock_, *journal_, [this]() -> ServiceCaller* { return &caller_; }});
};

constexpr const char* group = "arn:aws:logs:us-east-1:000000000000:log-group:api-logs";

TEST_F(ReportsTest, ALineARequestInTheStagesFormat) {
    reports_->finished(
        request(stage("$context.requestId $context.status $context.responseLength bytes in "
                      "$context.responseLatency/$context.integrationLatency ms: $context.authorizer.x.",
                      group)));
    EXPECT_EQ(lines("api-logs"), std::vector<std::string>{"id-1 200 42 bytes in 7/3 ms: -."});
}

TEST_F(ReportsTest, WhatAClientSendsMakesNoSecondLineAndNoSecondMember) {
    reports_->finished(request(
        stage(R"({"id":"$context.requestId","agent":"$context.identity.userAgent","e":$context.error.messageString})",
              group)));
    EXPECT_EQ(lines("api-logs"),
              std::vector<std::string>{
                  R"({"id":"id-1","agent":"evil\"}\n{\"status\":\"200\",\"x\":\"\u0001","e":"Forbidden"})"});
    reports_->finished(request(stage("$context.requestId $context.identity.userAgent", std::string(group) + ":*")));
    EXPECT_EQ(lines("api-logs").at(1), "id-1 evil\"}\\x0a{\"status\":\"200\",\"x\":\"\\x01");
}

TEST_F(ReportsTest, LinesGoToADeliveryStreamInBatches) {
    const auto served =
        stage("$context.requestId", "arn:aws:firehose:us-east-1:000000000000:deliverystream/amazon-apigateway-logs");
    for (int i = 0; i < 3; ++i) reports_->finished(request(served));
    reports_->drain(10'000);
    reports_.reset();
    size_t records = 0;
    for (const ServiceCall& call : caller_.calls) {
        EXPECT_EQ(call.operation, "PutRecordBatch");
        EXPECT_TRUE(
            call.body.starts_with(R"({"DeliveryStreamName":"amazon-apigateway-logs","Records":[{"Data":"aWQtMQo="})"));
        for (size_t at = call.body.find("aWQtMQo="); at != std::string::npos; at = call.body.find("aWQtMQo=", at + 1))
            ++records;
    }
    EXPECT_EQ(records, 3u);
}

TEST_F(ReportsTest, MetricsOfAStageAndOfMethodsThatAskForThem) {
    const auto served = stage("", "", [](Stage& it) { it.settings["~1orders/POST"].metrics = true; });
    for (const int status : {200, 200, 404, 429, 500}) reports_->finished(request(served, status));
    FinishedRequest other = request(served);
    other.resource_path = "/other";
    other.integration_latency_ms = -1;
    reports_->finished(other);
    const std::string text = reports_->prometheus("000000000000");
    for (const char* line :
         {"millrace_api_requests_total{api=\"abc\",stage=\"prod\"} 6\n",
          "millrace_api_client_errors_total{api=\"abc\",stage=\"prod\"} 2\n",
          "millrace_api_server_errors_total{api=\"abc\",stage=\"prod\"} 1\n",
          "millrace_api_latency_milliseconds_bucket{api=\"abc\",stage=\"prod\",le=\"5\"} 0\n",
          "millrace_api_latency_milliseconds_bucket{api=\"abc\",stage=\"prod\",le=\"10\"} 6\n",
          "millrace_api_latency_milliseconds_sum{api=\"abc\",stage=\"prod\"} 42\n",
          "millrace_api_integration_latency_milliseconds_count{api=\"abc\",stage=\"prod\"} 5\n",
          "millrace_api_requests_total{api=\"abc\",stage=\"prod\",method=\"POST\",resource=\"/orders\"} 5\n"}) {
        EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
    }
    EXPECT_EQ(text.find("/other"), std::string::npos);
    EXPECT_EQ(reports_->prometheus("111111111111").find("abc"), std::string::npos) << "another account's";
}

TEST_F(ReportsTest, SeriesAreBounded) {
    for (size_t i = 0; i < Reports::series_max + 50; ++i) {
        reports_->finished(request(stage("", "", {}, "api" + std::to_string(i))));
    }
    const std::string text = reports_->prometheus("000000000000");
    EXPECT_NE(text.find("millrace_api_requests_total{api=\"(other)\",stage=\"(other)\"} 50\n"), std::string::npos);
}

TEST_F(ReportsTest, FormatsAndDestinationsAreChecked) {
    const auto check_access_log = [](std::string_view format, std::string_view destination,
                                     std::string_view account = "000000000000") {
        return gateway::check_access_log(format, destination, account);
    };
    EXPECT_TRUE(check_access_log("$context.requestId", group).ok());
    EXPECT_FALSE(check_access_log("$context.requestId", group, "111111111111").ok()) << "another account's log group";
    EXPECT_TRUE(check_access_log("{\"x\":\"$context.extendedRequestId\"}", group).ok());
    EXPECT_FALSE(check_access_log("$context.status", group).ok());
    EXPECT_FALSE(check_access_log("$context.requestIdentity", group).ok());
    EXPECT_FALSE(check_access_log("$context.requestId\n", group).ok());
    EXPECT_FALSE(check_access_log("", group).ok());
    for (const char* destination : {"", "api-logs", "arn:aws:logs:us-east-1:000000000000:log-group:",
                                    "arn:aws:firehose:us-east-1:000000000000:deliverystream/logs",
                                    "arn:aws:s3:::bucket", "arn:aws:logs:us-east-1:1:log-group:x"}) {
        EXPECT_FALSE(check_access_log("$context.requestId", destination).ok()) << destination;
    }
}

}  // namespace
}  // namespace millrace::gateway
