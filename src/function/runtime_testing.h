// For tests of running functions: writes packages into a temporary folder, runs them for real, collects their lines.
#pragma once

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "src/base/checksum.h"
#include "src/function/runtime.h"
#include "src/function/sandbox/search_path.h"
#include "src/io/clock.h"

// First in a test: it is skipped where the program is not installed.
#define NEEDS(program) \
    if (program_named(program).empty()) GTEST_SKIP() << program " is not installed"

namespace millrace::function {

class LinesSink final : public LogSink {
  public:
    void write(const Scope&, const std::string& group, const std::string& stream, TimestampMs,
               std::string message) override {
        std::lock_guard lock(mutex_);
        text_ += message + '\n';
        bytes_ += message.size();
        if (text_.size() > (4u << 20)) text_.erase(0, 1u << 20);
        streams_.push_back(group + ' ' + stream);
        if (streams_.size() > 1000) streams_.erase(streams_.begin(), streams_.begin() + 500);
    }
    std::string text() {
        std::lock_guard lock(mutex_);
        return text_;
    }
    std::string last_stream() {
        std::lock_guard lock(mutex_);
        return streams_.empty() ? "" : streams_.back();
    }
    uint64_t bytes() {
        std::lock_guard lock(mutex_);
        return bytes_;
    }

  private:
    std::mutex mutex_;
    std::string text_;
    uint64_t bytes_ = 0;
    std::vector<std::string> streams_;
};

// With and without bubblewrap. Whether it is root's or not is the machine's matter: both work.
class RuntimeTest : public testing::TestWithParam<bool> {
  protected:
    RuntimeTest() {
        std::string pattern = std::filesystem::temp_directory_path() / "millrace-function-XXXXXX";
        directory_ = ::mkdtemp(pattern.data());
        std::filesystem::permissions(directory_, std::filesystem::perms(0755));
        options_.directory = directory_ + "/run";
        options_.bubblewrap = GetParam();
        options_.environments_max = 8;
    }
    ~RuntimeTest() override {
        runtime_.reset();
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }

    Runtime& runtime() {
        if (!runtime_) {
            auto opened = Runtime::open(options_, io::system_clock(), lines_);
            EXPECT_TRUE(opened.ok()) << opened.error().message;
            runtime_ = std::move(opened).value();
        }
        return *runtime_;
    }

    // Whether it comes to be so within a minute.
    static bool until(const std::function<bool()>& so) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
        while (!so()) {
            if (std::chrono::steady_clock::now() > end) return false;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        return true;
    }

    bool wraps() { return runtime().sandbox().starts_with("bubblewrap"); }

    // A new function, whose package has these files.
    std::shared_ptr<EnvironmentSpec> function(const std::string& runtime_name, const std::string& handler,
                                              const std::vector<std::pair<std::string, std::string>>& files) {
        auto spec = std::make_shared<EnvironmentSpec>();
        spec->definition.name = "f" + std::to_string(++made_);
        spec->definition.runtime = runtime_name;
        spec->definition.handler = handler;
        spec->definition.timeout_s = 10;
        spec->definition.revision_id = "1";
        spec->code_directory = folder(spec->definition.name, files);
        return spec;
    }
    std::shared_ptr<EnvironmentSpec> python(const std::string& code) {
        return function("python3.11", "main.handler", {{"main.py", code}});
    }
    std::shared_ptr<EnvironmentSpec> node(const std::string& code) {
        return function("nodejs20.x", "main.handler", {{"main.js", code}});
    }

    std::string folder(const std::string& name, const std::vector<std::pair<std::string, std::string>>& files) {
        const std::filesystem::path root = directory_ + "/code/" + name;
        for (const auto& [path, text] : files) {
            std::filesystem::create_directories((root / path).parent_path());
            std::ofstream(root / path) << text;
            if (text.starts_with("#!")) std::filesystem::permissions(root / path, std::filesystem::perms(0755));
        }
        std::filesystem::create_directories(root);
        return root;
    }

    std::future<Result<InvocationResult>> start(std::shared_ptr<const EnvironmentSpec> spec, RuntimeCall call) {
        auto promise = std::make_shared<std::promise<Result<InvocationResult>>>();
        auto future = promise->get_future();
        runtime().invoke(std::move(spec), std::move(call),
                         [promise](Result<InvocationResult> result) { promise->set_value(std::move(result)); });
        return future;
    }
    std::future<Result<InvocationResult>> start(std::shared_ptr<const EnvironmentSpec> spec, std::string payload) {
        RuntimeCall call;
        call.payload = std::move(payload);
        return start(std::move(spec), std::move(call));
    }
    InvocationResult call(std::shared_ptr<const EnvironmentSpec> spec, const std::string& payload = "{}") {
        Result<InvocationResult> result = start(std::move(spec), payload).get();
        if (result.ok()) return *result;
        InvocationResult failed;
        failed.payload = "DID NOT RUN: " + result.error().message;
        return failed;
    }

    LinesSink lines_;
    RuntimeOptions options_;
    std::string directory_;

  private:
    int made_ = 0;
    std::unique_ptr<Runtime> runtime_;
};

}  // namespace millrace::function
