// A server for load generators: answers every POST with 64 bytes of JSON on the I/O thread, or, with --later, from
// another thread in batches, as the log's writer does.
//
//     nice ninja -C build server_bench && build/src/http/server_bench --threads 1 --seconds 20 &
//     wrk -t1 -c64 -d10 -s post1k.lua http://127.0.0.1:PORT/
//     curl -T FILE http://127.0.0.1:PORT/stream          a body of any size, read by a worker
//     curl http://127.0.0.1:PORT/stream?5000000000       a body of that size, made by a worker
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "src/http/server.h"
#include "src/io/executor.h"
#include "src/io/wakeup.h"

namespace {

using namespace millrace;

http::Response answer_of() {
    http::Response response;
    response.headers.add("content-type", "application/x-amz-json-1.1");
    response.headers.add("x-amzn-requestid", "00000000-0000-0000-0000-000000000000");
    response.body = R"({"SequenceNumber":"49590338271490256608559692538361571095921"})";
    return response;
}

class ZeroSource final : public http::BodySource {
  public:
    explicit ZeroSource(uint64_t size) : left_(size) {}
    Result<size_t> read(std::span<char> out) override {
        auto size = static_cast<size_t>(std::min<uint64_t>(out.size(), left_));
        std::memset(out.data(), 0, size);
        left_ -= size;
        return size;
    }

  private:
    uint64_t left_;
};

void stream(http::Exchange& exchange) {
    std::vector<char> piece(256 * 1024);
    uint64_t size = 0;
    for (;;) {
        auto got = exchange.reader()->read(piece);
        if (!got.ok() || *got == 0) break;
        size += *got;
    }
    http::Response response;
    response.body = std::to_string(size) + "\n";
    if (uint64_t wanted = std::strtoull(exchange.head().query.c_str(), nullptr, 10); wanted > 0) {
        response.source = std::make_unique<ZeroSource>(wanted);
        response.source_size = wanted;
    }
    exchange.respond(std::move(response));
}

class BenchHandler final : public http::Handler {
  public:
    explicit BenchHandler(bool later) {
        if (later) thread_ = std::thread([this] { run(); });
    }
    ~BenchHandler() override {
        {
            std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        work_.notify_one();
        if (thread_.joinable()) thread_.join();
    }
    http::BodyMode begin(const http::RequestHead& head) override {
        return head.path == "/stream" ? http::BodyMode::streamed : http::BodyMode::gathered;
    }
    void handle(std::unique_ptr<http::Exchange> exchange) override {
        if (exchange->reader()) return stream(*exchange);
        if (!thread_.joinable()) return exchange->respond(answer_of());
        std::lock_guard lock(mutex_);
        waiting_.push_back(std::move(exchange));
        if (waiting_.size() == 1) work_.notify_one();
    }
    http::Response refuse(const http::RequestHead*, int status, std::string_view message) override {
        http::Response response;
        response.status = status;
        response.body = message;
        return response;
    }

  private:
    void run() {
        std::vector<std::unique_ptr<http::Exchange>> batch;
        std::unique_lock lock(mutex_);
        for (;;) {
            work_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
            if (stopping_) return;
            batch.swap(waiting_);
            lock.unlock();
            {
                io::WakeBatch wake;
                for (auto& exchange : batch) exchange->respond(answer_of());
                batch.clear();
            }
            lock.lock();
        }
    }

    std::mutex mutex_;
    std::condition_variable work_;
    std::vector<std::unique_ptr<http::Exchange>> waiting_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace

int main(int argc, char** argv) {
    http::ServerOptions options;
    options.io_threads = 1;
    options.port = 0;
    int seconds = 10;
    bool later = false;
    for (int i = 1; i < argc; ++i) {
        std::string_view flag = argv[i];
        if (flag == "--later") later = true;
        if (flag == "--tls") options.tls = {.enabled = true, .generated_directory = "/tmp"};
        if (i + 1 == argc) continue;
        if (flag == "--threads") options.io_threads = static_cast<uint32_t>(std::atoi(argv[i + 1]));
        if (flag == "--port") options.port = static_cast<uint16_t>(std::atoi(argv[i + 1]));
        if (flag == "--seconds") seconds = std::atoi(argv[i + 1]);
    }
    BenchHandler handler(later);
    auto executor = io::make_executor({});
    auto server = http::start_server(options, handler, *executor);
    if (!server.ok()) {
        std::fprintf(stderr, "%s\n", server.error().message.c_str());
        return 1;
    }
    std::printf("port %u\n", (*server)->port());
    std::fflush(stdout);
    std::this_thread::sleep_for(std::chrono::seconds(seconds));
    (*server)->stop(100);
    std::printf("requests %llu\n", static_cast<unsigned long long>((*server)->stats().requests));
    return 0;
}
