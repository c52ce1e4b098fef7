// What calls cost: warm ones of a trivial `provided` handler (this program itself, speaking the Runtime API), of Python
// and of Node; and cold starts. Run: build/src/function/runtime_bench [bare]
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/function/runtime.h"
#include "src/io/clock.h"

namespace {

using namespace millrace;
using namespace millrace::function;
using SteadyClock = std::chrono::steady_clock;

// The trivial handler: answers every event with itself.
int be_a_bootstrap() {
    const char* api = std::getenv("AWS_LAMBDA_RUNTIME_API");
    const char* colon = std::strrchr(api, ':');
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(std::atoi(colon + 1)));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int peer = ::socket(AF_INET, SOCK_STREAM, 0);
    if (::connect(peer, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return 1;
    const int on = 1;
    ::setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto ask = [&](const std::string& request) {
        if (::send(peer, request.data(), request.size(), 0) < 0) ::_exit(0);
        std::string answer;
        char buffer[65536];
        for (;;) {
            const ssize_t got = ::recv(peer, buffer, sizeof buffer, 0);
            if (got <= 0) ::_exit(0);
            answer.append(buffer, static_cast<size_t>(got));
            const size_t end = answer.find("\r\n\r\n");
            if (end == std::string::npos) continue;
            const size_t length = answer.find("Content-Length: ");
            if (answer.size() >= end + 4 + std::strtoul(answer.c_str() + length + 16, nullptr, 10)) return answer;
        }
    };
    for (;;) {
        const std::string event = ask("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n");
        const size_t at = event.find("Request-Id: ") + 12;
        const std::string id = event.substr(at, event.find('\r', at) - at);
        const std::string body = event.substr(event.find("\r\n\r\n") + 4);
        ask("POST /2018-06-01/runtime/invocation/" + id +
            "/response HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    }
}

class NoLogs final : public LogSink {
  public:
    void write(const Scope&, const std::string&, const std::string&, TimestampMs, std::string) override {}
};

class Bench {
  public:
    explicit Bench(bool bubblewrap) {
        std::string pattern = "/tmp/millrace-bench-XXXXXX";
        directory_ = ::mkdtemp(pattern.data());
        std::filesystem::permissions(directory_, std::filesystem::perms(0755));
        RuntimeOptions options;
        options.directory = directory_ + "/run";
        options.bubblewrap = bubblewrap;
        auto opened = Runtime::open(options, io::system_clock(), logs_);
        if (!opened.ok()) std::exit(1);
        runtime_ = std::move(opened).value();
        std::printf("sandbox: %s\n", runtime_->sandbox().c_str());
    }
    ~Bench() {
        runtime_.reset();
        std::filesystem::remove_all(directory_);
    }

    std::shared_ptr<EnvironmentSpec> function(const std::string& name, const std::string& runtime) {
        auto spec = std::make_shared<EnvironmentSpec>();
        spec->definition.name = name;
        spec->definition.runtime = runtime;
        spec->definition.handler = "main.handler";
        spec->definition.memory_mb = 256;
        spec->definition.revision_id = "0";
        spec->code_directory = directory_ + "/code/" + name;
        std::filesystem::create_directories(spec->code_directory);
        return spec;
    }
    std::string path(const EnvironmentSpec& spec, const char* file) { return spec.code_directory + '/' + file; }

    InvocationResult call(std::shared_ptr<const EnvironmentSpec> spec) {
        std::promise<Result<InvocationResult>> promise;
        RuntimeCall given;
        given.payload = R"({"hello":"world"})";
        runtime_->invoke(std::move(spec), std::move(given),
                         [&](Result<InvocationResult> result) { promise.set_value(std::move(result)); });
        Result<InvocationResult> result = promise.get_future().get();
        if (!result.ok() || !result->function_error.empty()) {
            std::printf("failed: %s\n", result.ok() ? result->payload.c_str() : result.error().message.c_str());
            std::exit(1);
        }
        return *result;
    }

    void one_at_a_time(const std::shared_ptr<EnvironmentSpec>& spec, int count) {
        call(spec);
        int64_t own_us = 0;
        const auto begin = SteadyClock::now();
        for (int i = 0; i < count; ++i) own_us += call(spec).duration_us;
        const double us = std::chrono::duration<double, std::micro>(SteadyClock::now() - begin).count() / count;
        std::printf("%-10s warm, one at a time: %7.0f us a call, of them %5.0f us between event and answer\n",
                    spec->definition.name.c_str(), us, static_cast<double>(own_us) / count);
    }

    void many(const std::shared_ptr<EnvironmentSpec>& spec, int at_once, int count) {
        std::atomic<int> left{count}, done{0};
        std::promise<void> finished;
        std::function<void()> next = [&] {
            if (left.fetch_sub(1) <= 0) return;
            RuntimeCall given;
            given.payload = R"({"hello":"world"})";
            runtime_->invoke(spec, std::move(given), [&](Result<InvocationResult>) {
                next();
                if (done.fetch_add(1) + 1 == count) finished.set_value();  // the last thing to touch this frame
            });
        };
        const auto begin = SteadyClock::now();
        for (int i = 0; i < at_once; ++i) next();
        finished.get_future().wait();
        const double s = std::chrono::duration<double>(SteadyClock::now() - begin).count();
        std::printf("%-10s warm, %2d at once:     %7.0f calls/s\n", spec->definition.name.c_str(), at_once, count / s);
    }

    void cold(const std::shared_ptr<EnvironmentSpec>& spec, int count) {
        call(spec);  // the interpreter is known from here on
        double total_ms = 0, worst_ms = 0;
        for (int i = 1; i <= count; ++i) {
            auto fresh = std::make_shared<EnvironmentSpec>(*spec);
            fresh->definition.revision_id = std::to_string(i);
            runtime_->retire(spec->definition.scope, spec->definition.name, "$LATEST", fresh->definition.revision_id);
            const auto begin = SteadyClock::now();
            call(fresh);
            const double ms = std::chrono::duration<double, std::milli>(SteadyClock::now() - begin).count();
            total_ms += ms;
            worst_ms = std::max(worst_ms, ms);
        }
        std::printf("%-10s cold: %6.1f ms on average, %6.1f ms at worst of %d\n", spec->definition.name.c_str(),
                    total_ms / count, worst_ms, count);
    }

  private:
    std::string directory_;
    NoLogs logs_;
    std::unique_ptr<Runtime> runtime_;
};

}  // namespace

int main(int count, char** arguments) {
    if (std::string_view(arguments[0]).ends_with("/bootstrap")) return be_a_bootstrap();
    Bench bench(count < 2 || std::strcmp(arguments[1], "bare") != 0);
    auto provided = bench.function("provided", "provided.al2023");
    std::filesystem::copy_file("/proc/self/exe", bench.path(*provided, "bootstrap"));
    auto python = bench.function("python", "python3.11");
    std::ofstream(bench.path(*python, "main.py")) << "def handler(event, context):\n    return event\n";
    auto node = bench.function("node", "nodejs20.x");
    std::ofstream(bench.path(*node, "main.js")) << "exports.handler = async (event) => event;\n";
    for (const auto& spec : {provided, python, node}) {
        bench.one_at_a_time(spec, 5000);
        bench.many(spec, 16, 50'000);
        bench.cold(spec, 20);
    }
}
