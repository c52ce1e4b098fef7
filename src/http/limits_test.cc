// Over every limit: a clear answer to the one who is over it, and no harm to the others.
#include <condition_variable>
#include <mutex>
#include <thread>

#include "src/http/client.h"
#include "src/http/server_testing.h"

namespace millrace::http {
namespace {

using testing::RawPeer;
using testing::TestServer;

Limits short_limits() {
    Limits limits;
    limits.idle_ms_max = 1000;  // a test that stalls for as long between connecting and sending fails
    limits.header_ms_max = 100;
    limits.slow_window_ms = 100;
    limits.body_bytes_per_s_min = 10'000;
    return limits;
}

bool still_serves(TestServer& server) {
    auto response = make_client({.port = server.port()})->call({.target = "/alive"});
    return response.ok() && response->status == 200;
}

TEST(Limits, an_idle_connection_is_closed) {
    TestServer server(short_limits());
    server.start();
    RawPeer never(server.port());
    EXPECT_EQ(never.read_all(), "");
    RawPeer once(server.port());
    once.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(once.read_all().starts_with("HTTP/1.1 200 "));
}

TEST(Limits, a_slow_header_is_a_408_even_where_it_never_stops_coming) {
    TestServer server(short_limits());
    server.start();
    RawPeer peer(server.port());
    peer.send("GET / HTTP/1.1\r\nHost: x\r\nX: ");
    std::atomic<bool> stop = false;
    std::thread dripper([&] {
        while (!stop && peer.send("y")) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    });
    std::string seen = peer.read_all();
    stop = true;
    dripper.join();
    EXPECT_TRUE(seen.starts_with("HTTP/1.1 408 ")) << seen;
    EXPECT_TRUE(still_serves(server));
}

TEST(Limits, a_slow_body_is_a_408_or_the_readers_failure) {
    TestServer server(short_limits());
    server.handler.on_begin = [](const RequestHead& head) {
        return head.path == "/streamed" ? BodyMode::streamed : BodyMode::gathered;
    };
    server.handler.on_handle = [](std::unique_ptr<Exchange> exchange) {
        if (!exchange->reader()) return exchange->respond({});
        char bytes[1000];
        for (;;) {
            auto got = exchange->reader()->read(bytes);
            if (got.ok() && *got > 0) continue;
            return exchange->respond(
                {.status = 400, .body = std::string(got.ok() ? "whole" : name_of(got.error().code))});
        }
    };
    server.start();
    RawPeer gathered(server.port());
    gathered.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nabc");
    EXPECT_TRUE(gathered.read_all().starts_with("HTTP/1.1 408 "));
    RawPeer streamed(server.port());
    streamed.send("POST /streamed HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nabc");
    EXPECT_NE(streamed.read_all().find("deadline_exceeded"), std::string::npos);
    EXPECT_EQ(server.server->stats().gathered_bytes, 0u);
}

TEST(Limits, a_worker_that_takes_its_time_is_not_a_slow_sender) {
    TestServer server(short_limits());
    server.handler.on_begin = [](const RequestHead&) { return BodyMode::streamed; };
    std::mutex mutex;
    std::condition_variable changed;
    bool go = false;
    server.handler.on_handle = [&](std::unique_ptr<Exchange> exchange) {
        {
            std::unique_lock lock(mutex);
            changed.wait(lock, [&] { return go; });
        }
        std::string bytes(100'000, '\0');
        size_t size = 0;
        for (;;) {
            auto got = exchange->reader()->read(bytes);
            if (!got.ok()) return exchange->respond({.status = 400, .body = got.error().message});
            if (*got == 0) return exchange->respond({.body = std::to_string(size) + "|"});
            size += *got;
        }
    };
    server.start();
    std::string request = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 30000000\r\n\r\n";
    request.append(30'000'000, 'x');
    RawPeer peer(server.port());  // after the request is made, which takes longer than its limits under a sanitizer
    std::thread sender([&] { peer.send(request); });
    {
        // Other connections idle out meanwhile: several windows have passed when the third is closed.
        for (int i = 0; i < 3; ++i) EXPECT_EQ(RawPeer(server.port()).read_all(), "");
        std::lock_guard lock(mutex);
        go = true;
        changed.notify_all();
    }
    std::string seen = peer.read_until("30000000|");
    EXPECT_NE(seen.find("30000000|"), std::string::npos) << seen;
    sender.join();
}

TEST(Limits, a_client_that_does_not_take_its_response_is_cut) {
    TestServer server(short_limits());
    server.handler.on_handle = [](std::unique_ptr<Exchange> exchange) {
        exchange->respond({.body = std::string(50 << 20, 'x')});
    };
    server.start();
    RawPeer peer(server.port(), 4096);
    peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    pollfd closed{peer.descriptor(), POLLRDHUP, 0};
    ASSERT_EQ(::poll(&closed, 1, 20'000), 1);
    EXPECT_LT(peer.read_all().size(), size_t{50} << 20);
}

TEST(Limits, one_connection_too_many_is_a_503_and_the_others_go_on) {
    Limits limits;
    limits.connections_max = 2;
    TestServer server(limits);
    server.start();
    auto first = make_client({.port = server.port()});
    auto second = make_client({.port = server.port()});
    ASSERT_TRUE(first->call({}).ok());
    ASSERT_TRUE(second->call({}).ok());
    RawPeer third(server.port());
    std::string seen = third.read_all();
    EXPECT_TRUE(seen.starts_with("HTTP/1.1 503 ")) << seen;
    EXPECT_NE(seen.find("connection: close"), std::string::npos);
    EXPECT_TRUE(first->call({}).ok());
    EXPECT_EQ(server.server->stats().connections_refused, 1u);
}

TEST(Limits, a_large_header_is_a_431_and_a_large_body_a_413) {
    Limits limits;
    limits.header_bytes_max = 1000;
    limits.gathered_body_bytes_max = 1000;
    limits.streamed_body_bytes_max = 2000;
    TestServer server(limits);
    server.handler.on_begin = [](const RequestHead& head) {
        return head.path == "/streamed" ? BodyMode::streamed : BodyMode::gathered;
    };
    server.handler.on_handle = [](std::unique_ptr<Exchange> exchange) {
        if (!exchange->reader()) return exchange->respond({.body = "fine|"});
        std::string bytes(100'000, '\0');
        for (;;) {
            auto got = exchange->reader()->read(bytes);
            if (!got.ok()) return exchange->respond({.status = 413, .body = std::string(name_of(got.error().code))});
            if (*got == 0) return exchange->respond({.body = "fine|"});
        }
    };
    server.start();
    auto answer_to = [&](const std::string& bytes) {
        RawPeer peer(server.port());
        peer.send(bytes);
        return peer.read_all().substr(0, 12);
    };
    EXPECT_EQ(answer_to("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(1000, 'x') + "\r\n\r\n"), "HTTP/1.1 431");
    EXPECT_EQ(answer_to("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n"), "HTTP/1.1 413");
    std::string chunk = "3E8\r\n" + std::string(1000, 'x') + "\r\n";
    std::string chunked = " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_EQ(answer_to("POST /" + chunked + chunk + "0\r\n\r\n"), "HTTP/1.1 200");
    EXPECT_EQ(answer_to("POST /" + chunked + chunk + "1\r\nx\r\n0\r\n\r\n"), "HTTP/1.1 413");
    EXPECT_EQ(answer_to("POST /streamed HTTP/1.1\r\nHost: x\r\nContent-Length: 2001\r\n\r\n"), "HTTP/1.1 413");
    EXPECT_EQ(answer_to("POST /streamed" + chunked + chunk + chunk + "0\r\n\r\n"), "HTTP/1.1 200");
    EXPECT_EQ(answer_to("POST /streamed" + chunked + chunk + chunk + "1\r\nx\r\n0\r\n\r\n"), "HTTP/1.1 413");
    EXPECT_EQ(server.server->stats().gathered_bytes, 0u);
}

// Many senders of more bytes than the budget holds: all pass, and the budget is kept.
void all_pass_within_the_budget(bool chunked) {
    Limits limits;
    limits.gathered_bytes_total_max = 4 << 20;
    limits.gathered_body_bytes_max = 2 << 20;
    TestServer server(limits);
    std::atomic<uint64_t> most = 0;
    server.handler.on_handle = [&](std::unique_ptr<Exchange> exchange) {
        uint64_t used = server.server->stats().gathered_bytes;
        uint64_t seen = most;
        while (seen < used && !most.compare_exchange_weak(seen, used)) {
        }
        // Answered by another thread, so that the bytes are held a while.
        auto held = std::make_shared<std::unique_ptr<Exchange>>(std::move(exchange));
        server.executor->submit([held] { (*held)->respond({.body = std::to_string((*held)->body().size())}); });
    };
    server.start();
    std::vector<std::thread> senders;
    std::atomic<int> passed = 0;
    for (int i = 0; i < 12; ++i) {
        senders.emplace_back([&] {
            std::string body(2 << 20, 'x');
            RawPeer peer(server.port());
            for (int round = 0; round < 4; ++round) {
                if (chunked) {
                    peer.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
                    peer.send("200000\r\n" + body + "\r\n0\r\n\r\n");
                } else {
                    peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2097152\r\n\r\n" + body);
                }
                if (peer.read_until("2097152").find("\r\n\r\n2097152") != std::string::npos) ++passed;
                EXPECT_TRUE(peer.take_rest().empty());
            }
        });
    }
    for (auto& sender : senders) sender.join();
    EXPECT_EQ(passed, 48);
    // Unknown lengths: each may hold one read beyond what it has reserved, and one body may go over.
    uint64_t slack = chunked ? (2 << 20) + 12 * (256 << 10) : 0;
    EXPECT_LE(most, (4u << 20) + slack);
    EXPECT_EQ(server.server->stats().gathered_bytes, 0u);
}

TEST(Limits, gathered_bodies_wait_for_their_memory_and_all_pass) {
    all_pass_within_the_budget(false);
}

TEST(Limits, gathered_bodies_of_unknown_length_wait_for_their_memory_and_all_pass) {
    all_pass_within_the_budget(true);
}

TEST(Limits, who_holds_memory_that_others_wait_for_has_to_send) {
    Limits limits;
    limits.slow_window_ms = 200;
    limits.body_bytes_per_s_min = 100;
    limits.gathered_bytes_total_max = 900'000;
    TestServer server(limits);
    server.start();
    RawPeer slow(server.port());
    std::string head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n";
    slow.send(head);
    while (server.server->stats().gathered_bytes == 0) std::this_thread::yield();
    // Fast enough while nobody waits; it would take a quarter of an hour.
    std::atomic<bool> done = false;
    std::thread trickle([&] {
        while (!done && slow.send(std::string(50, 'x'))) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    });
    RawPeer other(server.port());
    other.send("POST /other HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc");
    EXPECT_TRUE(other.read_all().ends_with("POST /other abc"));
    done = true;
    trickle.join();
    EXPECT_TRUE(slow.read_all().starts_with("HTTP/1.1 408 "));
}

TEST(Limits, small_requests_pass_while_large_ones_fill_the_budget) {
    Limits limits;
    limits.gathered_bytes_total_max = 8 << 20;
    TestServer server(limits);
    server.start();
    std::vector<std::unique_ptr<RawPeer>> hogs;
    for (int i = 0; i < 8; ++i) {
        hogs.push_back(std::make_unique<RawPeer>(server.port()));
        hogs.back()->send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\nabc");
    }
    while (server.server->stats().gathered_bytes < 6'000'000) std::this_thread::yield();
    auto response = make_client({.port = server.port()})->call({.body = std::string(500'000, 'x')});
    ASSERT_TRUE(response.ok()) << response.error().message;
    EXPECT_EQ(response->status, 200);
}

}  // namespace
}  // namespace millrace::http
