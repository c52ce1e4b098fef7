#include "src/http/server.h"

#include <thread>
#include <vector>

#include "src/http/server_testing.h"
#include "src/io/wakeup.h"

namespace millrace::http {
namespace {

using testing::HeldExchanges;
using testing::RawPeer;
using testing::TestServer;

TEST(Server, answers_requests_one_after_the_other_on_one_connection) {
    TestServer server;
    server.start();
    RawPeer peer(server.port());
    for (int i = 0; i < 3; ++i) {
        peer.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
        std::string seen = peer.read_until("POST /a hello");
        EXPECT_TRUE(seen.starts_with("HTTP/1.1 200 OK\r\n")) << seen;
        EXPECT_NE(seen.find("content-length: 13\r\n"), std::string::npos) << seen;
    }
    EXPECT_EQ(server.server->stats().requests, 3u);
    EXPECT_EQ(server.server->stats().connections_accepted, 1u);
}

TEST(Server, answers_pipelined_requests_in_order_although_they_end_in_any_order) {
    TestServer server;
    HeldExchanges held;
    server.handler.on_handle = held.taking();
    server.start();
    RawPeer peer(server.port());
    std::string requests;
    for (int i = 0; i < 50; ++i) requests += "GET /" + std::to_string(i) + ". HTTP/1.1\r\nHost: x\r\n\r\n";
    peer.send(requests);
    {
        auto exchanges = held.wait_for(50);
        io::WakeBatch batch;
        for (size_t i = exchanges.size(); i-- > 0;) {
            Response response;
            response.body = "answer to " + exchanges[i]->head().path;
            exchanges[i]->respond(std::move(response));
        }
    }
    std::string seen = peer.read_until("answer to /49.");
    size_t at = 0;
    for (int i = 0; i < 50; ++i) {
        size_t next = seen.find("answer to /" + std::to_string(i) + ".");
        ASSERT_NE(next, std::string::npos) << i;
        EXPECT_GE(next, at);
        at = next;
    }
}

TEST(Server, pipelines_further_than_it_answers_at_once) {
    TestServer server;
    server.start();
    RawPeer peer(server.port());
    std::string requests;
    for (int i = 0; i < 5000; ++i) requests += "GET /" + std::to_string(i) + ". HTTP/1.1\r\nHost: x\r\n\r\n";
    std::thread sender([&] { peer.send(requests); });
    for (int i = 0; i < 5000; ++i) {
        std::string expected = "GET /" + std::to_string(i) + ". ";
        ASSERT_NE(peer.read_until(expected).find(expected), std::string::npos) << i;
    }
    sender.join();
}

TEST(Server, takes_a_request_that_comes_byte_by_byte) {
    TestServer server;
    server.start();
    RawPeer peer(server.port());
    for (char c : std::string_view("POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")) {
        peer.send({&c, 1});
    }
    EXPECT_NE(peer.read_until("POST /slow abc").find("200 OK"), std::string::npos);
}

TEST(Server, takes_chunked_bodies_and_drops_their_trailers) {
    TestServer server;
    server.start();
    RawPeer peer(server.port());
    peer.send(
        "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5;name=value\r\nhello\r\n6\r\n world\r\n0\r\nx-trailer: 1\r\ncontent-length: 5\r\n\r\n"
        "GET /next HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_NE(peer.read_until("POST /c hello world").find("200 OK"), std::string::npos);
    EXPECT_NE(peer.read_until("GET /next ").find("200 OK"), std::string::npos);
}

TEST(Server, pads_the_body_for_parsers_that_read_ahead) {
    TestServer server;
    server.handler.on_handle = [](std::unique_ptr<Exchange> exchange) {
        std::string_view body = exchange->body();
        std::string padding(body.data() + body.size(), body_padding);
        Response response;
        response.body = padding == std::string(body_padding, '\0') ? "padded" : "not padded";
        exchange->respond(std::move(response));
    };
    server.start();
    RawPeer peer(server.port());
    peer.send("POST /c HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
    EXPECT_NE(peer.read_until("padded").find("\r\n\r\npadded"), std::string::npos);
}

TEST(Server, gathers_a_large_body_whole) {
    TestServer server;
    std::string sent(20 << 20, 'x');
    for (size_t i = 0; i < sent.size(); i += 997) sent[i] = static_cast<char>('a' + i % 26);
    std::atomic<bool> same = false;
    server.handler.on_handle = [&](std::unique_ptr<Exchange> exchange) {
        same = exchange->body() == sent;
        exchange->respond({.body = "got it"});
    };
    server.start();
    RawPeer peer(server.port());
    peer.send("POST /c HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(sent.size()) + "\r\n\r\n" + sent);
    peer.read_until("got it");
    EXPECT_TRUE(same);
    std::string chunked = "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (size_t at = 0; at < sent.size(); at += 100'000) {
        std::string chunk = sent.substr(at, 100'000);
        char size[32];
        std::snprintf(size, sizeof size, "%zx\r\n", chunk.size());
        chunked += size + chunk + "\r\n";
    }
    same = false;
    peer.send(chunked + "0\r\n\r\n");
    peer.read_until("got it");
    EXPECT_TRUE(same);
    EXPECT_EQ(server.server->stats().gathered_bytes, 0u);
}

TEST(Server, says_continue_only_when_the_body_is_wanted) {
    TestServer server;
    server.start();
    RawPeer peer(server.port());
    peer.send("POST /c HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    EXPECT_EQ(peer.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    peer.send("abc");
    EXPECT_TRUE(peer.read_until("POST /c abc").starts_with("HTTP/1.1 200 OK"));
    // Too large: refused without asking for it.
    peer.send("POST /c HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 99999999999\r\n\r\n");
    std::string seen = peer.read_all();
    EXPECT_TRUE(seen.starts_with("HTTP/1.1 413 ")) << seen;
}

TEST(Server, answers_head_without_a_body_and_with_its_length) {
    TestServer server;
    server.handler.on_handle = [](std::unique_ptr<Exchange> exchange) {
        Response response;
        if (exchange->head().path == "/announced") {
            response.head_content_length = 12345;
        } else {
            response.body = "twelve bytes";
        }
        exchange->respond(std::move(response));
    };
    server.start();
    RawPeer peer(server.port());
    peer.send("HEAD /announced HTTP/1.1\r\nHost: x\r\n\r\nHEAD /real HTTP/1.1\r\nHost: x\r\n\r\n");
    std::string first = peer.read_until("\r\n\r\n");
    EXPECT_NE(first.find("content-length: 12345"), std::string::npos) << first;
    std::string second = peer.read_until("\r\n\r\n");
    EXPECT_TRUE(second.starts_with("HTTP/1.1 200 OK")) << second;
    EXPECT_NE(second.find("content-length: 12\r\n"), std::string::npos) << second;
}

TEST(Server, closes_after_http_1_0_unless_asked_to_keep_the_connection) {
    TestServer server;
    server.start();
    RawPeer closing(server.port());
    closing.send("GET /old HTTP/1.0\r\n\r\n");
    EXPECT_NE(closing.read_all().find("connection: close"), std::string::npos);
    RawPeer keeping(server.port());
    keeping.send("GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_NE(keeping.read_until("GET /old ").find("connection: keep-alive"), std::string::npos);
    keeping.send("GET /again HTTP/1.0\r\n\r\n");
    EXPECT_NE(keeping.read_all().find("GET /again "), std::string::npos);
}

TEST(Server, answers_a_peer_that_has_ended_its_side) {
    TestServer server;
    server.start();
    RawPeer peer(server.port());
    peer.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n");
    peer.end_output();
    std::string seen = peer.read_all();
    EXPECT_NE(seen.find("GET /a "), std::string::npos);
    EXPECT_NE(seen.find("GET /b "), std::string::npos);
}

TEST(Server, an_exchange_that_is_dropped_is_answered_with_500_and_counted) {
    TestServer server;
    server.handler.on_handle = [](std::unique_ptr<Exchange>) {};
    server.start();
    RawPeer peer(server.port());
    peer.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(peer.read_until("answer").starts_with("HTTP/1.1 500 "));
    EXPECT_EQ(server.server->stats().dropped_by_us, 1u);
}

TEST(Server, an_answer_to_a_peer_that_is_gone_or_a_server_that_has_stopped_is_harmless) {
    TestServer server;
    HeldExchanges held;
    server.handler.on_handle = held.taking();
    server.start();
    RawPeer gone(server.port());
    gone.send("GET /gone HTTP/1.1\r\nHost: x\r\n\r\n");
    RawPeer late(server.port());
    late.send("GET /late HTTP/1.1\r\nHost: x\r\n\r\n");
    auto exchanges = held.wait_for(2);
    gone.close();
    exchanges[0]->respond({.body = "x"});
    server.server->stop(0);
    exchanges[1]->respond({.body = "x"});
}

TEST(Server, closes_when_the_response_says_so) {
    TestServer server;
    server.handler.on_handle = [](std::unique_ptr<Exchange> exchange) {
        exchange->respond({.body = "bye", .close = true});
    };
    server.start();
    RawPeer peer(server.port());
    peer.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n");
    std::string seen = peer.read_all();
    EXPECT_NE(seen.find("connection: close"), std::string::npos);
    EXPECT_EQ(seen.find("bye"), seen.rfind("bye"));
}

TEST(Server, a_header_value_can_not_begin_another_response) {
    TestServer server;
    server.handler.on_handle = [](std::unique_ptr<Exchange> exchange) {
        Response response;
        response.headers.add("x-user", "a\r\nset-cookie: b");
        response.body = "end";
        exchange->respond(std::move(response));
    };
    server.start();
    RawPeer peer(server.port());
    peer.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(peer.read_until("end").find("\nset-cookie"), std::string::npos);
}

TEST(Server, stops_gracefully_finishing_what_was_begun) {
    TestServer server({}, {}, 1);  // one I/O thread: when the idle one is closed, the busy one knows
    HeldExchanges held;
    server.handler.on_handle = held.taking();
    server.start();
    RawPeer idle(server.port());
    idle.send("");
    RawPeer busy(server.port());
    busy.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto exchanges = held.wait_for(1);
    std::thread stopper([&] { EXPECT_EQ(server.server->stop(20'000), 0u); });
    EXPECT_EQ(idle.read_all(), "");  // idle connections go at once
    exchanges[0]->respond({.body = "finished"});
    std::string seen = busy.read_all();
    EXPECT_NE(seen.find("finished"), std::string::npos);
    EXPECT_NE(seen.find("connection: close"), std::string::npos);
    stopper.join();
}

TEST(Server, says_how_many_requests_a_stop_cut_off) {
    TestServer server;
    HeldExchanges held;
    server.handler.on_handle = held.taking_but("/now");
    server.start();
    RawPeer idle(server.port()), one(server.port()), two(server.port());
    idle.send("GET /now HTTP/1.1\r\nHost: x\r\n\r\n");
    idle.read_until("answered");
    one.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    two.send("GET /b HTTP/1.1\r\nHost: x\r\n\r\nGET /c HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto exchanges = held.wait_for(3);
    EXPECT_EQ(server.server->stop(50), 3u);
    EXPECT_EQ(one.read_all(), "");
    EXPECT_EQ(server.server->stop(50), 0u) << "it had stopped";
}

TEST(Server, says_why_it_can_not_listen) {
    TestServer first;
    first.start();
    TestServer second;
    second.options.port = first.port();
    auto started = start_server(second.options, second.handler, *second.executor);
    ASSERT_FALSE(started.ok());
    EXPECT_NE(started.error().message.find(std::to_string(first.port())), std::string::npos) << started.error().message;
    second.options.host = "no such host";
    started = start_server(second.options, second.handler, *second.executor);
    ASSERT_FALSE(started.ok());
    EXPECT_EQ(started.error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace millrace::http
