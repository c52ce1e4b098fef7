// Answers that come as they are made, into a sink. Clients' side of it: tests/lambda/test_streaming.py.
#include <atomic>

#include "src/function/runtime_testing.h"

namespace millrace::function {
namespace {

class Streaming : public RuntimeTest {};
INSTANTIATE_TEST_SUITE_P(Bare, Streaming, testing::Values(false));

class Sink final : public AnswerSink {
  public:
    void begin(Head head) override {
        const std::lock_guard held(mutex_);
        content_type_ = head.content_type;
        resume_ = std::move(head.resume);
    }
    bool take(std::string_view bytes) override {
        const std::lock_guard held(mutex_);
        text_ += bytes;
        return !full_;
    }
    void fill() { full_ = true; }
    void resume() {
        full_ = false;
        std::function<void()> resume;
        {
            const std::lock_guard held(mutex_);
            resume = resume_;
        }
        resume();
    }
    std::string text() const {
        const std::lock_guard held(mutex_);
        return text_;
    }
    std::string content_type() const {
        const std::lock_guard held(mutex_);
        return content_type_;
    }

  private:
    mutable std::mutex mutex_;
    std::string text_, content_type_;
    std::function<void()> resume_;
    std::atomic<bool> full_{false};
};

RuntimeCall call_into(const std::shared_ptr<Sink>& sink, const std::string& payload) {
    RuntimeCall call;
    call.payload = payload;
    call.sink = sink;
    return call;
}

constexpr const char* writer =
    "const { once } = require('events');\n"
    "exports.handler = awslambda.streamifyResponse(async (pieces, stream) => {\n"
    "    stream.setContentType('text/x-own');\n"
    "    for (let i = 0; i < pieces; ++i)\n"
    "        if (!stream.write('x'.repeat(1 << 20))) await once(stream, 'drain');\n"
    "    stream.end('end');\n"
    "});\n";

TEST_P(Streaming, ASinkIsHandedWhatIsWritten) {
    NEEDS("node");
    auto sink = std::make_shared<Sink>();
    auto result = start(node(writer), call_into(sink, "0")).get();
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(sink->text(), "end");
    EXPECT_EQ(sink->content_type(), "text/x-own");
    EXPECT_EQ(result->payload + result->function_error, "");

    sink = std::make_shared<Sink>();
    result = start(node("exports.handler = async (event) => [event];"), call_into(sink, "7")).get();
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(sink->text(), "[7]");
    EXPECT_EQ(sink->content_type(), "application/json");
    EXPECT_EQ(result->payload, "");
}

TEST_P(Streaming, AFullSinkHoldsTheFunctionUp) {
    NEEDS("node");
    auto sink = std::make_shared<Sink>();
    sink->fill();
    auto future = start(node(writer), call_into(sink, "32"));
    ASSERT_TRUE(until([&] { return !sink->text().empty(); }));
    std::this_thread::sleep_for(std::chrono::milliseconds(300));  // as long as it takes to write a lot
    EXPECT_LT(sink->text().size(), 1u << 20);
    sink->resume();
    auto result = future.get();
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(result->function_error, "") << result->payload;
    EXPECT_EQ(sink->text().size(), (32u << 20) + 3);
    sink->resume();  // comes late
}

TEST_P(Streaming, AnAnswerOverTheLimitIsCutWithAnError) {
    NEEDS("node");
    options_.streamed_bytes_max = 3 << 20;
    auto spec = node(writer);
    auto sink = std::make_shared<Sink>();
    auto result = start(spec, call_into(sink, "8")).get();
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(result->function_error, "Unhandled");
    EXPECT_NE(result->payload.find("Function.ResponseSizeTooLarge"), std::string::npos) << result->payload;
    EXPECT_LE(sink->text().size(), 3u << 20);
    sink = std::make_shared<Sink>();
    result = start(spec, call_into(sink, "1")).get();
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(result->function_error, "") << result->payload;
    EXPECT_EQ(sink->text().size(), (1u << 20) + 3);
}

TEST_P(Streaming, ASinkThatNeverWantsMoreMeetsTheTimeout) {
    NEEDS("node");
    auto spec = node(writer);
    spec->definition.timeout_s = 1;
    auto sink = std::make_shared<Sink>();
    sink->fill();
    auto result = start(spec, call_into(sink, "32")).get();
    ASSERT_TRUE(result.ok());
    EXPECT_NE(result->payload.find("Task timed out after 1.00 seconds"), std::string::npos) << result->payload;
    sink->resume();  // nobody is there any more
}

}  // namespace
}  // namespace millrace::function
