#include "src/function/async/event_queue.h"

#include <atomic>
#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "src/io/clock.h"
#include "src/io/executor.h"
#include "src/table/key_value_store.h"
#include "src/table/temporary_directory.h"

namespace millrace::function {
namespace {

// A bucket that refuses what it is told to.
class Bucket final : public DestinationSink {
  public:
    bool accepts(std::string_view arn) const override { return arn == "arn:aws:s3:::b"; }
    Status deliver(const Scope&, std::string_view, const DestinationRecord& record) override {
        const std::lock_guard held(mutex_);
        if (refusals > 0) {
            --refusals;
            return Error{ErrorCode::not_found, "bucket b is gone"};
        }
        records_.emplace_back(record.json);
        return {};
    }
    std::vector<std::string> records() const {
        const std::lock_guard held(mutex_);
        return records_;
    }
    std::atomic<int> refusals = 0;

  private:
    mutable std::mutex mutex_;
    std::vector<std::string> records_;
};

class EventQueueTest : public ::testing::Test {
  protected:
    struct Call {
        Invocation invocation;
        std::function<void(Result<InvocationResult>)> done;
    };

    void SetUp() override {
        auto opened = table::open_rocksdb({.directory = directory_.path() + "/store", .sync = false});
        ASSERT_TRUE(opened.ok());
        store_ = std::move(opened).value();
        executor_ = io::make_executor({.threads_max = 2});
        start();
    }
    void TearDown() override { stop(); }

    void start() {
        auto opened = EventQueue::open(
            options_, {*store_, clock_, *executor_, &bucket_,
                       [this](Invocation invocation, std::function<void(Result<InvocationResult>)> done) {
                           const std::lock_guard held(mutex_);
                           calls_.push_back({std::move(invocation), std::move(done)});
                       },
                       [this](const Scope&, std::string_view) { return concurrency_.load(); },
                       [this](const FunctionName& name) -> Result<EventInvokeConfig> {
                           if (name.name == "gone") return Error{ErrorCode::not_found, "gone"};
                           return name.name == "plain" ? EventInvokeConfig() : config_;
                       }});
        ASSERT_TRUE(opened.ok()) << opened.error().message;
        queue_ = std::move(opened).value();
        queue_->start();
    }
    void stop() {
        if (queue_ != nullptr) queue_->stop();
        executor_.reset();
        queue_.reset();
        calls_.clear();
    }
    void restart() {
        stop();
        executor_ = io::make_executor({.threads_max = 2});
        start();
    }

    Result<std::string> add(std::string payload, std::string name = "f") {
        Invocation invocation;
        invocation.function.name = std::move(name);
        invocation.payload = std::move(payload);
        return queue_->add(std::move(invocation));
    }
    static bool until(const std::function<bool()>& so) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
        while (!so()) {
            if (std::chrono::steady_clock::now() > end) return false;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return true;
    }
    // The next run, once it comes; advances the clock until then.
    Call next(int64_t step_ms = 0) {
        Call call;
        EXPECT_TRUE(until([&] {
            if (step_ms > 0) clock_.advance_ms(step_ms);
            const std::lock_guard held(mutex_);
            if (calls_.empty()) return false;
            call = std::move(calls_.front());
            calls_.pop_front();
            return true;
        }));
        return call;
    }
    size_t running() {
        const std::lock_guard held(mutex_);
        return calls_.size();
    }
    static InvocationResult returned(std::string payload) { return {.payload = std::move(payload)}; }
    static InvocationResult raised() { return {.payload = "{}", .function_error = "Unhandled"}; }
    bool drained() {
        return until([&] { return queue_->waiting() == 0; });
    }
    // Once a failure is written down, it is settled when the event is due again.
    bool failed(uint32_t times) {
        return until([&] {
            const auto cursor = store_->cursor();
            cursor->seek(event_prefix);
            if (!cursor->valid() || !cursor->key().starts_with(event_prefix)) return false;
            const auto event = decode_event(cursor->key(), cursor->value());
            return event.ok() && event->attempts == times;
        });
    }
    size_t stored() {
        size_t count = 0;
        const auto cursor = store_->cursor();
        for (cursor->seek(event_prefix); cursor->valid() && cursor->key().starts_with(event_prefix); cursor->next()) {
            ++count;
        }
        return count;
    }

    table::TemporaryDirectory directory_;
    io::ManualClock clock_;
    EventQueueOptions options_{.retry_ms = 1000, .look_ms = 1};
    std::atomic<uint32_t> concurrency_ = UINT32_MAX;
    EventInvokeConfig config_;
    Bucket bucket_;
    std::unique_ptr<table::KeyValueStore> store_;
    std::unique_ptr<io::Executor> executor_;
    std::unique_ptr<EventQueue> queue_;
    std::mutex mutex_;
    std::deque<Call> calls_;
};

TEST_F(EventQueueTest, ASuccessEndsIt) {
    const auto id = add("[1]");
    ASSERT_TRUE(id.ok());
    Call call = next();
    EXPECT_EQ(call.invocation.payload, "[1]");
    EXPECT_EQ(call.invocation.request_id, *id);
    EXPECT_EQ(stored(), 1u);
    call.done(returned("1"));
    EXPECT_TRUE(drained());
    EXPECT_EQ(stored(), 0u);
}

TEST_F(EventQueueTest, AFailingFunctionIsTriedTwiceMoreAfterOneAndTwoWaits) {
    config_.on_failure = "arn:aws:s3:::b";
    const std::string id = *add("1");
    next().done(raised());
    EXPECT_TRUE(failed(1));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // a run that came too soon would be seen, as a rule
    EXPECT_EQ(running(), 0u);
    clock_.advance_ms(1000);
    Call second = next();
    EXPECT_EQ(second.invocation.request_id, id);
    second.done(raised());
    EXPECT_TRUE(failed(2));
    clock_.advance_ms(1000);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(running(), 0u);
    clock_.advance_ms(1000);
    next().done(raised());
    EXPECT_TRUE(drained());
    const auto records = bucket_.records();
    ASSERT_EQ(records.size(), 1u);
    EXPECT_NE(records[0].find("\"condition\":\"RetriesExhausted\",\"approximateInvokeCount\":3"), std::string::npos);
}

TEST_F(EventQueueTest, ThrottlesUseUpNoRetryAndAgeEndsThem) {
    config_.retries_max = 0;
    config_.age_s_max = 60;
    config_.on_failure = "arn:aws:s3:::b";
    ASSERT_TRUE(add("1").ok());
    int runs = 0;
    while (queue_->waiting() > 0 && runs < 50) {
        if (running() == 0) {
            clock_.advance_ms(100);
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
            continue;
        }
        next().done(Error{ErrorCode::resource_exhausted, "throttled"});
        ++runs;
    }
    EXPECT_GE(runs, 2);  // after 0, 1, 3, 7, 15, 31 s; fewer where this clock runs faster than the queue's thread
    EXPECT_LE(runs, 8);
    ASSERT_EQ(bucket_.records().size(), 1u);
    EXPECT_NE(bucket_.records()[0].find("EventAgeExceeded"), std::string::npos);
    EXPECT_EQ(bucket_.records()[0].find("responseContext"), std::string::npos);
}

TEST_F(EventQueueTest, WhatRanWhenTheServerEndedRunsAgain) {
    const std::string id = *add("1");
    Call lost = next();
    restart();
    EXPECT_EQ(next().invocation.request_id, id);
    lost.done(returned("1"));  // late, from a life before: nobody listens
    EXPECT_EQ(queue_->waiting(), 1u);
}

TEST_F(EventQueueTest, AFunctionIsHandedTheRecord) {
    config_.on_success = "arn:aws:lambda:us-east-1:000000000000:function:plain:live";
    ASSERT_TRUE(add(R"({"a":1})").ok());
    next().done(returned("[2]"));
    Call told = next();
    EXPECT_EQ(told.invocation.function.name, "plain");
    EXPECT_EQ(told.invocation.function.qualifier, "live");
    EXPECT_NE(told.invocation.payload.find(R"("requestPayload":{"a":1})"), std::string::npos);
    EXPECT_NE(told.invocation.payload.find(R"("responsePayload":[2])"), std::string::npos);
    told.done(returned("1"));
    EXPECT_TRUE(drained());
}

TEST_F(EventQueueTest, ABucketThatRefusesIsTriedAgainAlsoAfterARestart) {
    config_.retries_max = 0;
    config_.on_failure = "arn:aws:s3:::b";
    bucket_.refusals = 1'000'000;
    ASSERT_TRUE(add("1").ok());
    next().done(raised());
    ASSERT_TRUE(until([&] { return bucket_.refusals < 1'000'000; }));
    restart();
    bucket_.refusals = 0;
    ASSERT_TRUE(until([&] {
        clock_.advance_ms(1000);
        return queue_->waiting() == 0;
    }));
    EXPECT_EQ(bucket_.records().size(), 1u);
    EXPECT_EQ(running(), 0u);
}

TEST_F(EventQueueTest, WhatWaitsIsBounded) {
    stop();
    executor_ = io::make_executor({.threads_max = 2});
    options_.events_max = 2;
    start();
    ASSERT_TRUE(add("1").ok());
    ASSERT_TRUE(add("2").ok());
    const auto refused = add("3");
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::resource_exhausted);
    next().done(returned("1"));
    EXPECT_TRUE(until([&] { return add("3").ok(); }));
}

TEST_F(EventQueueTest, AFunctionHasItsShareAndEventsOfOthersGoOn) {
    concurrency_ = 2;
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(add(std::to_string(i), "busy").ok());
    ASSERT_TRUE(until([&] { return running() == 2; }));
    ASSERT_TRUE(add("x", "plain").ok());
    ASSERT_TRUE(until([&] { return running() == 3; }));
    std::vector<Call> calls;
    for (int i = 0; i < 3; ++i) calls.push_back(next());
    EXPECT_EQ(calls[2].invocation.function.name, "plain");
    calls[0].done(returned("1"));
    EXPECT_EQ(next().invocation.payload, "2");
}

TEST_F(EventQueueTest, OfAFunctionThatIsGoneNothingStays) {
    ASSERT_TRUE(add("1", "gone").ok());
    EXPECT_TRUE(drained());
    EXPECT_EQ(stored(), 0u);
    EXPECT_EQ(running(), 0u);
}

// Random answers and restarts: each event is told of exactly once a life, at least once in all, and never lost.
TEST_F(EventQueueTest, NothingIsLostWhateverHappens) {
    config_.on_success = config_.on_failure = "arn:aws:s3:::b";
    std::mt19937 random(7);
    std::map<std::string, int> added;
    int number = 0;
    for (int step = 0; step < 600; ++step) {
        const uint32_t what = random() % 100;
        if (what < 40) {
            const std::string payload = std::to_string(number++);
            ASSERT_TRUE(add(payload).ok());
            added[payload] = 0;
        } else if (what < 80 && running() > 0) {
            Call call = next();
            const uint32_t how = random() % 4;
            if (how < 2) call.done(returned("1"));
            if (how == 2) call.done(raised());
            if (how == 3) call.done(Error{ErrorCode::unavailable, "later"});
        } else if (what < 97) {
            clock_.advance_ms(random() % 700);
        } else if (what == 99) {
            restart();
        }
    }
    for (int i = 0; i < 20'000 && queue_->waiting() > 0; ++i) {
        if (running() > 0) {
            next().done(returned("1"));
        } else {
            clock_.advance_ms(500);
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }
    EXPECT_EQ(stored(), 0u);
    for (const std::string& record : bucket_.records()) {
        const size_t at = record.find("\"requestPayload\":") + 17;
        ++added[record.substr(at, record.find_first_of(",}", at) - at)];
    }
    EXPECT_EQ(added.size(), static_cast<size_t>(number));
    for (const auto& [payload, times] : added) EXPECT_GE(times, 1) << payload;
}

}  // namespace
}  // namespace millrace::function
