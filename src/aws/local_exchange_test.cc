#include "src/aws/local_exchange.h"

#include <deque>

#include <gtest/gtest.h>

#include "src/http/waiting_source.h"
#include "src/io/executor.h"

namespace millrace::aws {
namespace {

// Runs nothing until it is told to, as a worker that comes later.
class LaterExecutor final : public io::Executor {
  public:
    bool submit(std::function<void()> task) override {
        if (stopped) return false;
        tasks.push_back(std::move(task));
        return true;
    }
    void stop() override { stopped = true; }
    void run() {
        for (; !tasks.empty(); tasks.pop_front()) tasks.front()();
    }
    std::deque<std::function<void()>> tasks;
    bool stopped = false;
};

struct Slow {  // what a slow source has, and who is to be told of more
    std::string bytes;
    bool ended = false;
    std::function<void()> wake;
    void add(std::string_view more) {
        bytes += more;
        if (wake) std::exchange(wake, nullptr)();
    }
};

class SlowSource final : public http::WaitingSource {
  public:
    explicit SlowSource(Slow& slow) : slow_(slow) {}
    bool ready(std::function<void()> wake) override {
        if (!slow_.bytes.empty() || slow_.ended) return true;
        slow_.wake = std::move(wake);
        return false;
    }
    Result<size_t> read(std::span<char> out) override {
        const size_t count = slow_.bytes.copy(out.data(), out.size());
        slow_.bytes.erase(0, count);
        return count;
    }

  private:
    Slow& slow_;
};

class GatheredAnswer : public ::testing::Test {
  protected:
    void respond() {
        const auto exchange = make_local_exchange(
            {}, nullptr, false, executor_, [this](ServiceAnswer answer) { answers_.push_back(std::move(answer)); });
        http::Response response;
        response.source = std::make_unique<SlowSource>(slow_);
        exchange->respond(std::move(response));
        executor_.run();
    }
    Slow slow_;
    LaterExecutor executor_;
    std::vector<ServiceAnswer> answers_;
};

TEST_F(GatheredAnswer, WaitsForASourceThatHasNothingYet) {
    respond();
    ASSERT_TRUE(answers_.empty()) << answers_[0].body;
    slow_.add("first ");
    executor_.run();
    ASSERT_TRUE(answers_.empty()) << answers_[0].body;
    slow_.ended = true;
    slow_.add("second");
    executor_.run();
    ASSERT_EQ(answers_.size(), 1u);
    EXPECT_EQ(answers_[0].body, "first second");
}

TEST_F(GatheredAnswer, IsGivenWhereTheServerStopsMeanwhile) {
    respond();
    executor_.stop();
    slow_.ended = true;
    slow_.add("late");
    ASSERT_EQ(answers_.size(), 1u);
    EXPECT_EQ(answers_[0].status, 503);
    executor_.stopped = false;
    slow_ = {};
    respond();
    slow_.add("more");
    executor_.tasks.clear();  // dropped, as a stop does
    ASSERT_EQ(answers_.size(), 2u);
    EXPECT_EQ(answers_[1].status, 503);
}

}  // namespace
}  // namespace millrace::aws
