// Bodies that are streamed, both ways.
#include <condition_variable>
#include <mutex>
#include <thread>

#include <fcntl.h>

#include "src/base/checksum.h"
#include "src/http/client.h"
#include "src/http/server_testing.h"

namespace millrace::http {
namespace {

using testing::RawPeer;
using testing::TestServer;

constexpr uint64_t large_bytes = 300 << 20;

// Byte i of a body that no mistake in order or offset leaves the same.
void fill_pattern(uint64_t offset, std::span<char> out) {
    for (size_t i = 0; i < out.size(); ++i) {
        uint64_t at = offset + i;
        out[i] = static_cast<char>((at * 2654435761u) >> 13);
    }
}

uint32_t crc_of_pattern(uint64_t size) {
    std::string piece(1 << 20, '\0');
    uint32_t crc = 0;
    for (uint64_t at = 0; at < size; at += piece.size()) {
        piece.resize(static_cast<size_t>(std::min<uint64_t>(piece.size(), size - at)));
        fill_pattern(at, piece);
        crc = crc32c(crc, piece);
    }
    return crc;
}

class PatternSource final : public BodySource {
  public:
    PatternSource(uint64_t size, uint64_t fail_at = UINT64_MAX) : size_(size), fail_at_(fail_at) {}
    Result<size_t> read(std::span<char> out) override {
        if (at_ >= fail_at_) return {ErrorCode::io, "the disk is gone"};
        auto size = static_cast<size_t>(std::min<uint64_t>(out.size(), size_ - at_));
        fill_pattern(at_, out.first(size));
        at_ += size;
        return size;
    }

  private:
    const uint64_t size_;
    const uint64_t fail_at_;
    uint64_t at_ = 0;
};

class FileSource final : public BodySource {
  public:
    FileSource(int descriptor, uint64_t offset, uint64_t size, std::atomic<int>* destroyed)
        : range_{descriptor, offset, size}, destroyed_(destroyed) {}
    ~FileSource() override { ++*destroyed_; }
    Result<size_t> read(std::span<char> out) override {
        size_t size = static_cast<size_t>(std::min<uint64_t>(out.size(), range_.size));
        ssize_t got = ::pread(range_.descriptor, out.data(), size, static_cast<off_t>(range_.offset));
        if (got < 0) return io_error("pread", errno);
        range_.offset += static_cast<uint64_t>(got);
        range_.size -= static_cast<uint64_t>(got);
        return static_cast<size_t>(got);
    }
    std::optional<FileRange> file_range() const override { return range_; }

  private:
    FileRange range_;
    std::atomic<int>* destroyed_;
};

// Of this process; 0 under AddressSanitizer, which keeps what is freed.
uint64_t resident_bytes() {
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    return 0;
#endif
    long pages = 0, resident = 0;
    FILE* file = std::fopen("/proc/self/statm", "r");
    EXPECT_EQ(std::fscanf(file, "%ld %ld", &pages, &resident), 2);
    std::fclose(file);
    return static_cast<uint64_t>(resident) * 4096;
}

void stream_everything(TestServer& server) {
    server.handler.on_begin = [](const RequestHead&) { return BodyMode::streamed; };
}

// Answers with the size and CRC32C of the body.
void answer_with_sum(std::unique_ptr<Exchange> exchange) {
    std::string piece(200'000, '\0');
    uint64_t size = 0;
    uint32_t crc = 0;
    for (;;) {
        auto got = exchange->reader()->read(piece);
        if (!got.ok()) {
            exchange->respond({.status = 400, .body = std::string(name_of(got.error().code))});
            return;
        }
        if (*got == 0) break;
        crc = crc32c(crc, std::string_view(piece).substr(0, *got));
        size += *got;
    }
    exchange->respond({.body = std::to_string(size) + " " + std::to_string(crc) + "|"});
}

std::string sum_of_pattern(uint64_t size) {
    return std::to_string(size) + " " + std::to_string(crc_of_pattern(size)) + "|";
}

TEST(StreamedRequest, a_large_body_passes_in_bounded_memory) {
    TestServer server;
    stream_everything(server);
    server.handler.on_handle = answer_with_sum;
    server.start();
    RawPeer peer(server.port());
    peer.send("PUT /o HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(large_bytes) + "\r\n\r\n");
    std::string piece(1 << 20, '\0');
    uint64_t before = resident_bytes();
    for (uint64_t at = 0; at < large_bytes; at += piece.size()) {
        fill_pattern(at, piece);
        ASSERT_TRUE(peer.send(piece));
    }
    EXPECT_LT(resident_bytes(), before + (64 << 20));
    EXPECT_NE(peer.read_until("|").find("200 OK"), std::string::npos);
    peer.send("PUT /o HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    piece.resize(100'000);
    uint64_t sent = 0;
    for (int i = 0; i < 300; ++i) {
        fill_pattern(sent, piece);
        sent += piece.size();
        ASSERT_TRUE(peer.send("186A0\r\n" + piece + "\r\n"));
    }
    peer.send("0\r\n\r\nPUT /next HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    std::string expected = sum_of_pattern(sent);
    EXPECT_NE(peer.read_until(expected).find(expected), std::string::npos);
    EXPECT_NE(peer.read_until("0 0|").find("0 0|"), std::string::npos);
}

TEST(StreamedRequest, arrives_whole_and_in_order_from_a_reader_of_single_bytes) {
    TestServer server;
    stream_everything(server);
    server.handler.on_handle = [](std::unique_ptr<Exchange> exchange) {
        std::string body;
        char byte;
        while (*exchange->reader()->read({&byte, 1}) == 1) body += byte;
        exchange->respond({.body = body + "|"});
    };
    server.start();
    RawPeer peer(server.port());
    peer.send("PUT /o HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 10; ++i) peer.send("1\r\n" + std::to_string(i) + "\r\n");
    peer.send("0\r\n\r\n");
    EXPECT_NE(peer.read_until("|").find("\r\n\r\n0123456789|"), std::string::npos);
}

TEST(StreamedRequest, continue_is_said_when_the_worker_reads_and_not_before) {
    TestServer server;
    stream_everything(server);
    server.handler.on_handle = [](std::unique_ptr<Exchange> exchange) {
        if (exchange->head().path == "/refused") {
            exchange->respond({.status = 403, .body = "no."});
        } else {
            answer_with_sum(std::move(exchange));
        }
    };
    server.start();
    RawPeer peer(server.port());
    peer.send("PUT /o HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    EXPECT_EQ(peer.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    peer.send("abc");
    EXPECT_NE(peer.read_until("|").find("200 OK"), std::string::npos);
    peer.send("PUT /refused HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    std::string seen = peer.read_all();  // whether the body would follow, nobody knows: the connection ends
    EXPECT_NE(seen.find("HTTP/1.1 403 "), std::string::npos) << seen;
    EXPECT_EQ(seen.find("100 Continue"), std::string::npos) << seen;
}

TEST(StreamedRequest, answered_early_a_small_rest_is_skipped_and_a_large_one_costs_the_connection) {
    TestServer server;
    stream_everything(server);
    server.handler.on_handle = [](std::unique_ptr<Exchange> exchange) { exchange->respond({.body = "early."}); };
    server.start();
    RawPeer peer(server.port());
    peer.send("PUT /o HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n");
    EXPECT_NE(peer.read_until("early.").find("200 OK"), std::string::npos);
    peer.send("0123456789GET /next HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(peer.read_until("early.").starts_with("HTTP/1.1 200 OK"));
    // The response reaches a peer that has only begun to send.
    peer.send("PUT /o HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n" + std::string(1 << 20, 'x'));
    EXPECT_NE(peer.read_all().find("early."), std::string::npos);
}

TEST(StreamedRequest, a_body_that_ends_early_is_not_taken_for_a_whole_one) {
    TestServer server;
    stream_everything(server);
    server.handler.on_handle = answer_with_sum;
    server.start();
    RawPeer cut(server.port());
    cut.send("PUT /o HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
    cut.end_output();
    EXPECT_NE(cut.read_all().find("cancelled"), std::string::npos);
    RawPeer broken(server.port());
    broken.send("PUT /o HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n");
    EXPECT_NE(broken.read_all().find("invalid_argument"), std::string::npos);
}

TEST(StreamedRequest, one_whose_peer_vanishes_wakes_its_worker) {
    TestServer server;
    stream_everything(server);
    std::mutex mutex;
    std::condition_variable changed;
    bool reading = false;
    std::optional<ErrorCode> code;
    server.handler.on_handle = [&](std::unique_ptr<Exchange> exchange) {
        char byte;
        EXPECT_EQ(*exchange->reader()->read({&byte, 1}), 1u);
        {
            std::lock_guard lock(mutex);
            reading = true;
            changed.notify_all();
        }
        auto got = exchange->reader()->read({&byte, 1});
        std::lock_guard lock(mutex);
        code = got.ok() ? ErrorCode::internal : got.error().code;
        changed.notify_all();
        exchange->respond({});
    };
    server.start();
    RawPeer peer(server.port());
    peer.send("PUT /o HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\na");
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return reading; });
    linger reset{1, 0};
    ::setsockopt(peer.descriptor(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    peer.close();
    changed.wait(lock, [&] { return code.has_value(); });
    EXPECT_EQ(*code, ErrorCode::cancelled);
}

TEST(StreamedRequest, a_busy_executor_is_a_503) {
    TestServer server;
    server.executor = io::make_executor({.name = "full", .threads_max = 1, .queue_max = 0});
    stream_everything(server);
    server.start();
    RawPeer peer(server.port());
    peer.send("GET /o HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(peer.read_until("again.").starts_with("HTTP/1.1 503 "));
}

TEST(StreamedResponse, a_large_body_passes_in_bounded_memory) {
    TestServer server;
    server.handler.on_handle = [](std::unique_ptr<Exchange> exchange) {
        Response response;
        response.source = std::make_unique<PatternSource>(large_bytes);
        if (exchange->head().path == "/announced") response.source_size = large_bytes;
        exchange->respond(std::move(response));
    };
    server.start();
    RawPeer peer(server.port());
    peer.send("GET /announced HTTP/1.1\r\nHost: x\r\n\r\n");
    peer.read_until("\r\n\r\n");
    uint64_t before = resident_bytes();
    std::string bytes(1 << 20, '\0');
    uint32_t crc = 0;
    std::string rest = peer.take_rest();
    crc = crc32c(crc, rest);
    uint64_t size = rest.size();
    while (size < large_bytes) {
        ssize_t got = ::recv(peer.descriptor(), bytes.data(), bytes.size(), 0);
        ASSERT_GT(got, 0);
        crc = crc32c(crc, std::string_view(bytes).substr(0, static_cast<size_t>(got)));
        size += static_cast<uint64_t>(got);
    }
    EXPECT_EQ(crc, crc_of_pattern(large_bytes));
    EXPECT_LT(resident_bytes(), before + (64 << 20));
}

TEST(StreamedResponse, chunked_where_its_size_is_unknown) {
    TestServer server;
    server.handler.on_handle = [](std::unique_ptr<Exchange> exchange) {
        Response response;
        response.source = std::make_unique<PatternSource>(3'000'000);
        exchange->respond(std::move(response));
    };
    server.start();
    auto client = make_client({.port = server.port()});
    for (int i = 0; i < 3; ++i) {
        auto response = client->call({.method = "GET"});
        ASSERT_TRUE(response.ok()) << response.error().message;
        EXPECT_EQ(response->headers.get("transfer-encoding"), "chunked");
        EXPECT_EQ(response->body.size(), 3'000'000u);
        EXPECT_EQ(crc32c(0, response->body), crc_of_pattern(3'000'000));
    }
    EXPECT_EQ(server.server->stats().connections_accepted, 1u);
    RawPeer old(server.port());
    old.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    std::string seen = old.read_all();
    EXPECT_EQ(seen.size() - seen.find("\r\n\r\n") - 4, 3'000'000u);
}

TEST(StreamedResponse, a_source_that_fails_or_lies_cuts_the_connection) {
    TestServer server;
    server.handler.on_handle = [](std::unique_ptr<Exchange> exchange) {
        std::string_view path = exchange->head().path;
        Response response;
        response.source = std::make_unique<PatternSource>(1'000'000, path == "/fails" ? 500'000 : UINT64_MAX);
        if (path == "/short") response.source_size = 1'000'001;
        if (path == "/long") response.source_size = 999'999;
        exchange->respond(std::move(response));
    };
    server.start();
    for (const char* path : {"/fails", "/short", "/long"}) {
        auto client = make_client({.port = server.port()});
        ASSERT_TRUE(client->send({.method = "GET", .target = path}).ok());
        auto response = client->receive();
        ASSERT_FALSE(response.ok()) << path;
        EXPECT_EQ(response.error().code, ErrorCode::unavailable) << path;
    }
}

TEST(StreamedResponse, a_range_of_a_file_is_sent_by_the_kernel) {
    char path[] = "/tmp/millrace-http-test-XXXXXX";
    int file = ::mkstemp(path);
    ASSERT_GE(file, 0);
    ::unlink(path);
    std::string content(30'000'000, '\0');
    fill_pattern(0, content);
    ASSERT_EQ(::pwrite(file, content.data(), content.size(), 0), static_cast<ssize_t>(content.size()));
    std::atomic<int> destroyed = 0;
    TestServer server;
    server.handler.on_handle = [&](std::unique_ptr<Exchange> exchange) {
        Response response;
        response.source = std::make_unique<FileSource>(file, 1000, 29'000'000, &destroyed);
        if (exchange->head().path != "/chunked") response.source_size = 29'000'000;
        exchange->respond(std::move(response));
    };
    server.start();
    auto client = make_client({.port = server.port()});
    for (const char* target : {"/announced", "/chunked"})
        ASSERT_TRUE(client->send({.method = "GET", .target = target}).ok());
    for (int i = 0; i < 2; ++i) {
        auto response = client->receive();
        ASSERT_TRUE(response.ok()) << response.error().message;
        EXPECT_TRUE(response->body == content.substr(1000, 29'000'000)) << i;
    }
    // A file that is shorter than its range cuts the connection.
    ASSERT_EQ(::ftruncate(file, 20'000'000), 0);
    ASSERT_TRUE(client->send({.method = "GET"}).ok());
    EXPECT_FALSE(client->receive().ok());
    client->close();
    // A peer that goes in the middle costs nothing but its own transfer.
    ASSERT_EQ(::ftruncate(file, 30'000'000), 0);
    {
        RawPeer peer(server.port(), 4096);
        peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        peer.read_until("\r\n\r\n");
    }
    server.server.reset();
    server.executor.reset();  // waits for what runs
    EXPECT_EQ(destroyed, 4);
    ::close(file);
}

TEST(Streaming, uploads_that_wait_for_their_clients_hold_only_their_own_threads) {
    TestServer server;
    server.executor = io::make_executor({.name = "test", .threads_max = 1, .queue_max = 1});
    const auto uploads = io::make_executor({.name = "uploads", .threads_max = 1, .queue_max = 1});
    std::atomic<int> waiting = 0;
    server.handler.on_begin = [](const RequestHead& head) {
        return head.method == "PUT" ? BodyMode::streamed : BodyMode::gathered;
    };
    server.handler.on_handle = [&](std::unique_ptr<Exchange> exchange) {
        if (exchange->reader() != nullptr) {
            ++waiting;
            waiting.notify_all();
            char byte[1];
            static_cast<void>(exchange->reader()->read(byte));
            return exchange->respond({});
        }
        std::shared_ptr<Exchange> held = std::move(exchange);
        if (!server.executor->submit([held] { held->respond({.body = "worked|"}); })) held->respond({.status = 503});
    };
    auto started = start_server(server.options, server.handler, *server.executor, uploads.get());
    ASSERT_TRUE(started.ok());
    server.server = std::move(started).value();
    RawPeer slow(server.port());
    slow.send("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n");
    waiting.wait(0);
    RawPeer other(server.port());
    other.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(other.read_all().ends_with("worked|"));
    slow.send("12345");
    EXPECT_TRUE(slow.read_until("\r\n\r\n").starts_with("HTTP/1.1 200 "));
    server.server.reset();
}

}  // namespace
}  // namespace millrace::http
