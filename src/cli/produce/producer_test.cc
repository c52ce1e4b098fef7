#include "src/cli/produce/producer.h"

#include <atomic>
#include <map>
#include <mutex>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include "src/base/base64.h"
#include "src/http/server.h"
#include "src/io/executor.h"

namespace millrace::cli {
namespace {

// A service that takes records as told: `answer` decides for each request, by its number from 0.
class FakeService : public http::Handler {
  public:
    enum class Mood { take, fail, throttle, refuse_second_record, deny, nonsense };
    explicit FakeService(std::function<Mood(int)> mood) : mood_(std::move(mood)) {}

    http::BodyMode begin(const http::RequestHead&) override { return http::BodyMode::gathered; }
    http::Response refuse(const http::RequestHead*, int status, std::string_view message) override {
        http::Response response;
        response.status = status;
        response.body = std::string(message);
        return response;
    }
    void handle(std::unique_ptr<http::Exchange> exchange) override {
        http::Response response;
        const Mood mood = mood_(requests_++);
        if (mood == Mood::fail) {
            response.status = 500;
            response.body = "{\"__type\":\"InternalFailure\"}";
        } else if (mood == Mood::throttle) {
            response.status = 400;
            response.body = "{\"__type\":\"ProvisionedThroughputExceededException\"}";
        } else if (mood == Mood::deny) {
            response.status = 400;
            response.body = "{\"__type\":\"ResourceNotFoundException\",\"message\":\"no such stream\"}";
        } else if (mood == Mood::nonsense) {
            response.body = "{}";
        } else {
            response.body = take(exchange->body(), mood == Mood::refuse_second_record);
        }
        exchange->respond(std::move(response));
    }

    int requests() const { return requests_; }
    std::map<std::string, int> taken() {  // data, and how often
        std::lock_guard lock(mutex_);
        return taken_;
    }

  private:
    std::string take(std::string_view body, bool refuse_second) {
        const boost::json::value request = boost::json::parse(body);
        std::string answers;
        size_t at = 0;
        for (const boost::json::value& record : request.at("Records").as_array()) {
            std::string data;
            MILLRACE_CHECK(base64_decode(std::string(record.at("Data").as_string()), &data));
            const bool refuse = refuse_second && at == 1;
            answers += at++ ? "," : "";
            answers += refuse ? "{\"ErrorCode\":\"InternalFailure\",\"ErrorMessage\":\"try again\"}"
                              : "{\"SequenceNumber\":\"1\",\"ShardId\":\"s\"}";
            std::lock_guard lock(mutex_);
            if (!refuse) ++taken_[data];
        }
        return "{\"FailedRecordCount\":" + std::to_string(refuse_second) + ",\"Records\":[" + answers + "]}";
    }

    std::function<Mood(int)> mood_;
    std::atomic<int> requests_{0};
    std::mutex mutex_;
    std::map<std::string, int> taken_;
};

class Numbers : public RecordSource {
  public:
    Numbers(int count, size_t bytes) : count_(count), bytes_(bytes) {}
    Result<bool> next(Record& record) override {
        if (at_ == count_) return false;
        record.data = std::to_string(at_++) + std::string(bytes_, '.');
        record.partition_key = "k";
        return true;
    }
    double fraction() const override { return -1; }

  private:
    int count_;
    size_t bytes_;
    int at_ = 0;
};

struct Outcome {
    Result<ProducerReport> report;
    std::map<std::string, int> taken;
    int requests;
};

Outcome send(int records, std::function<FakeService::Mood(int)> mood, size_t record_bytes = 0) {
    FakeService service(std::move(mood));
    auto executor = io::make_executor({});
    http::ServerOptions server_options;
    server_options.port = 0;
    auto server = http::start_server(server_options, service, *executor);
    MILLRACE_CHECK(server.ok());
    ProducerOptions options;
    options.endpoint.port = (*server)->port();
    options.name = "s";
    options.attempts_max = 3;
    Numbers source(records, record_bytes);
    Result<ProducerReport> report = produce(options, source, {});
    (*server)->stop(1000);
    return {std::move(report), service.taken(), service.requests()};
}

using Mood = FakeService::Mood;

void expect_each_once(const Outcome& outcome, size_t records) {
    ASSERT_TRUE(outcome.report.ok()) << outcome.report.error().message;
    EXPECT_EQ(outcome.report->records, records);
    EXPECT_EQ(outcome.taken.size(), records);
    for (const auto& [data, times] : outcome.taken) EXPECT_EQ(times, 1) << data;
}

TEST(Producer, FillsRequestsToTheirLimit) {
    Outcome outcome = send(1'201, [](int) { return Mood::take; });
    expect_each_once(outcome, 1'201);
    EXPECT_EQ(outcome.requests, 3);
    EXPECT_EQ(outcome.report->retried, 0u);
}

TEST(Producer, KeepsRequestsUnderFourMebibytes) {
    Outcome outcome = send(10, [](int) { return Mood::take; }, 900 << 10);
    expect_each_once(outcome, 10);
    EXPECT_EQ(outcome.requests, 3);
}

TEST(Producer, SendsRefusedRecordsAgainAlone) {
    Outcome outcome = send(3, [](int request) { return request == 0 ? Mood::refuse_second_record : Mood::take; });
    expect_each_once(outcome, 3);
    EXPECT_EQ(outcome.requests, 2);
    EXPECT_EQ(outcome.report->retried, 1u);
}

TEST(Producer, SendsFailedAndThrottledRequestsAgain) {
    Outcome outcome = send(3, [](int request) {
        return request == 0 ? Mood::fail : request == 1 ? Mood::throttle : Mood::take;
    });
    expect_each_once(outcome, 3);
    EXPECT_EQ(outcome.report->retried, 6u);
}

TEST(Producer, GivesUpAndSaysWhy) {
    Outcome outcome = send(3, [](int) { return Mood::fail; });
    ASSERT_FALSE(outcome.report.ok());
    EXPECT_EQ(outcome.requests, 3);
    EXPECT_NE(outcome.report.error().message.find("InternalFailure"), std::string::npos);
}

TEST(Producer, DoesNotRepeatItsOwnMistakes) {
    Outcome outcome = send(3, [](int) { return Mood::deny; });
    ASSERT_FALSE(outcome.report.ok());
    EXPECT_EQ(outcome.requests, 1);
    EXPECT_NE(outcome.report.error().message.find("no such stream"), std::string::npos);
}

TEST(Producer, AnAnswerThatDoesNotCountTheRecordsIsAnError) {
    EXPECT_FALSE(send(3, [](int) { return Mood::nonsense; }).report.ok());
}

TEST(Producer, ARecordOverOneMebibyteIsNamed) {
    Outcome outcome = send(1, [](int) { return Mood::take; }, 1 << 20);
    ASSERT_FALSE(outcome.report.ok());
    EXPECT_NE(outcome.report.error().message.find("record 1 "), std::string::npos);
}

TEST(Producer, NothingIsDone) {
    Outcome outcome = send(0, [](int) { return Mood::take; });
    expect_each_once(outcome, 0);
    EXPECT_EQ(outcome.requests, 0);
}

}  // namespace
}  // namespace millrace::cli
