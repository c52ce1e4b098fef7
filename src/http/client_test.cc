#include "src/http/client.h"

#include <thread>

#include "src/http/server_testing.h"

namespace millrace::http {
namespace {

using testing::TestServer;

// A peer that accepts one connection after the other and answers each with fixed bytes.
class ScriptedServer {
  public:
    explicit ScriptedServer(std::vector<std::string> answers) {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        EXPECT_EQ(::listen(listener_, 8), 0);
        socklen_t size = sizeof address;
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this, answers = std::move(answers)] {
            for (const std::string& answer : answers) {
                int peer = ::accept(listener_, nullptr, nullptr);
                char bytes[4096];
                [[maybe_unused]] ssize_t got = ::recv(peer, bytes, sizeof bytes, 0);
                [[maybe_unused]] ssize_t sent = ::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
                ::close(peer);
            }
        });
    }
    ~ScriptedServer() {
        thread_.join();
        ::close(listener_);
    }
    uint16_t port() const { return port_; }

  private:
    int listener_;
    uint16_t port_ = 0;
    std::thread thread_;
};

Result<ClientResponse> answer_to_one_get(std::string bytes) {
    ScriptedServer server({std::move(bytes)});
    auto client = make_client({.port = server.port()});
    return client->call({.method = "GET"});
}

TEST(Client, calls_on_one_kept_connection) {
    TestServer server;
    server.start();
    auto client = make_client({.port = server.port()});
    for (int i = 0; i < 3; ++i) {
        ClientRequest request{.target = "/a?b=c", .body = "hello"};
        request.headers.add("x-amz-target", "Kinesis_20131202.PutRecord");
        auto response = client->call(request);
        ASSERT_TRUE(response.ok()) << response.error().message;
        EXPECT_EQ(response->status, 200);
        EXPECT_EQ(response->body, "POST /a hello");
        EXPECT_EQ(response->headers.get("content-length"), "13");
    }
    EXPECT_EQ(server.server->stats().connections_accepted, 1u);
}

TEST(Client, keeps_many_requests_in_flight_even_where_neither_side_has_room) {
    TestServer server;
    server.handler.on_handle = [](std::unique_ptr<Exchange> exchange) {
        exchange->respond({.body = std::string(100'000, 'r') + exchange->head().path});
    };
    server.start();
    auto client = make_client({.port = server.port()});
    std::string body(100'000, 'b');
    for (int i = 0; i < 300; ++i) {
        std::string target = "/" + std::to_string(i);
        auto sent = client->send({.target = target, .body = body});
        ASSERT_TRUE(sent.ok()) << sent.error().message;
    }
    EXPECT_EQ(client->in_flight(), 300u);
    for (int i = 0; i < 300; ++i) {
        auto response = client->receive();
        ASSERT_TRUE(response.ok()) << response.error().message;
        EXPECT_EQ(response->body.substr(100'000), "/" + std::to_string(i));
    }
    EXPECT_EQ(client->receive().error().code, ErrorCode::failed_precondition);
}

TEST(Client, connects_anew_where_the_server_closed_in_the_meantime) {
    TestServer server;
    server.handler.on_handle = [](std::unique_ptr<Exchange> exchange) { exchange->respond({.body = "x"}); };
    server.start();
    uint16_t port = server.port();
    auto client = make_client({.port = port});
    ASSERT_TRUE(client->call({}).ok());
    server.server.reset();
    server.options.port = port;
    server.start();
    auto response = client->call({});
    ASSERT_TRUE(response.ok()) << response.error().message;
}

TEST(Client, reads_chunked_interim_and_unbounded_responses) {
    auto chunked = answer_to_one_get(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    ASSERT_TRUE(chunked.ok()) << chunked.error().message;
    EXPECT_EQ(chunked->body, "abcde");
    auto unbounded = answer_to_one_get("HTTP/1.1 200 OK\r\nX: y\r\n\r\nto the end");
    ASSERT_TRUE(unbounded.ok()) << unbounded.error().message;
    EXPECT_EQ(unbounded->body, "to the end");
    EXPECT_EQ(unbounded->headers.get("x"), "y");
    EXPECT_TRUE(unbounded->close);
}

TEST(Client, tells_a_cut_response_from_a_whole_one) {
    for (const char* cut : {"", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"}) {
        auto response = answer_to_one_get(cut);
        ASSERT_FALSE(response.ok()) << cut;
        EXPECT_EQ(response.error().code, ErrorCode::unavailable) << cut;
    }
}

TEST(Client, refuses_what_is_not_http) {
    for (const char* bytes : {"SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 200 OK\nX: y\n\n", "HTTP/1.1 2x0 OK\r\n\r\n",
                              "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"}) {
        auto response = answer_to_one_get(bytes);
        ASSERT_FALSE(response.ok()) << bytes;
        EXPECT_EQ(response.error().code, ErrorCode::corruption) << bytes;
    }
}

TEST(Client, says_when_nobody_listens_and_when_nobody_answers) {
    uint16_t free_port;
    {
        ScriptedServer server({});
        free_port = server.port();
    }
    EXPECT_EQ(make_client({.port = free_port})->call({}).error().code, ErrorCode::unavailable);

    TestServer silent;
    std::mutex mutex;
    std::vector<std::unique_ptr<Exchange>> held;
    silent.handler.on_handle = [&](std::unique_ptr<Exchange> exchange) {
        std::lock_guard lock(mutex);
        held.push_back(std::move(exchange));
    };
    silent.start();
    auto client = make_client({.port = silent.port(), .io_ms_max = 50});
    EXPECT_EQ(client->call({}).error().code, ErrorCode::deadline_exceeded);
    EXPECT_FALSE(client->is_connected());
    std::lock_guard lock(mutex);
    for (auto& exchange : held) exchange->respond({});
}

TEST(Client, bounds_the_response) {
    ScriptedServer server({"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world"});
    auto client = make_client({.port = server.port(), .response_bytes_max = 10});
    EXPECT_EQ(client->call({}).error().code, ErrorCode::resource_exhausted);
}

}  // namespace
}  // namespace millrace::http
