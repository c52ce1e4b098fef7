#include "src/http/outbound/outbound.h"

#include <filesystem>
#include <thread>

#include <zlib.h>

#include "src/http/certificate.h"
#include "src/http/outbound/url.h"
#include "src/http/server_testing.h"

namespace millrace::http {
namespace {

using testing::TestServer;

std::unique_ptr<Outbound> client(std::string_view allow, std::string ca_file = "") {
    auto policy = OutboundPolicy::parse(allow);
    EXPECT_TRUE(policy.ok());
    auto made = Outbound::make({.policy = *policy, .ca_file = std::move(ca_file)});
    EXPECT_TRUE(made.ok()) << made.error().message;
    return std::move(made).value();
}

std::string local(uint16_t port, std::string_view path = "/") {
    return "http://127.0.0.1:" + std::to_string(port) + std::string(path);
}

// Answers each connection's first bytes with fixed ones, then closes it.
class Scripted {
  public:
    explicit Scripted(std::vector<std::string> answers, bool linger = false) {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        EXPECT_EQ(::listen(listener_, 8), 0);
        socklen_t size = sizeof address;
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this, linger, answers = std::move(answers)] {
            for (const std::string& answer : answers) {
                int peer = ::accept(listener_, nullptr, nullptr);
                char bytes[4096];
                ssize_t got = ::recv(peer, bytes, sizeof bytes, 0);
                if (got > 0) asked_.append(bytes, static_cast<size_t>(got));
                [[maybe_unused]] ssize_t sent = ::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
                if (linger) got = ::recv(peer, bytes, sizeof bytes, 0);  // until the client goes
                ::close(peer);
            }
        });
    }
    ~Scripted() {
        if (thread_.joinable()) thread_.join();
        ::close(listener_);
    }
    uint16_t port() const { return port_; }
    std::string asked() {
        thread_.join();
        return asked_;
    }

  private:
    int listener_;
    uint16_t port_ = 0;
    std::string asked_;
    std::thread thread_;
};

Result<OutboundResponse> answer_of(std::string bytes, OutboundRequest request = {}) {
    Scripted server({std::move(bytes)});
    request.url = local(server.port());
    return client("127.0.0.1")->call(request);
}

TEST(Outbound, calls_and_keeps_its_connection) {
    TestServer server;
    server.start();
    auto outbound = client("127.0.0.1");
    for (int i = 0; i < 3; ++i) {
        auto response = outbound->call({.method = "POST", .url = local(server.port(), "/a?b=c#d"), .body = "hello"});
        ASSERT_TRUE(response.ok()) << response.error().message;
        EXPECT_EQ(response->body, "POST /a hello");
        EXPECT_EQ(response->url, local(server.port(), "/a?b=c"));
    }
    EXPECT_EQ(outbound->stats().connections, 1u);
    EXPECT_EQ(outbound->stats().reused, 2u);
}

TEST(Outbound, many_threads_share_it) {
    TestServer server;
    server.start();
    auto outbound = client("127.0.0.1");
    std::vector<std::thread> threads;
    std::atomic<int> good = 0;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            for (int n = 0; n < 50; ++n) good += outbound->call({.url = local(server.port())}).ok();
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(good, 400);
}

TEST(Outbound, refuses_private_addresses_however_they_are_written) {
    TestServer server;
    server.start();
    auto outbound = client("");
    const std::string port = ":" + std::to_string(server.port()) + "/";
    for (const char* host : {"127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "017700000001", "0.0.0.0",
                             "[::1]", "[::ffff:127.0.0.1]", "[::]", "localhost.", "LOCALHOST", "%6c%6f%63alhost"}) {
        auto response = outbound->call({.url = std::string("http://") + host + port});
        ASSERT_FALSE(response.ok()) << host;
        EXPECT_EQ(response.error().code, ErrorCode::permission_denied) << host << ": " << response.error().message;
    }
    EXPECT_EQ(server.server->stats().connections_accepted, 0u);
    EXPECT_GE(outbound->stats().refused, 13u);
    EXPECT_EQ(outbound->check_url("http://169.254.169.254/latest/meta-data").error().code,
              ErrorCode::permission_denied);
    EXPECT_TRUE(outbound->check_url("https://example.com/").ok());
}

TEST(Outbound, refuses_urls_and_headers_that_can_not_be_sent) {
    auto outbound = client("127.0.0.1");
    for (const char* url :
         {"", "/x", "ftp://127.0.0.1/", "http://", "http://user:word@127.0.0.1/", "http://127.0.0.1:0/",
          "http://127.0.0.1:99999/", "http://127.0.0.1/a b", "http://127.0.0.1/\r\nx: y", "http://[fe80::1%25eth0]/",
          "http://a%0d%0ab/", "http://a%00b/", "http://a../", "http://.a/", "http://a..b/"})
        EXPECT_EQ(outbound->call({.url = url}).error().code, ErrorCode::invalid_argument) << url;
    const std::pair<std::string_view, std::string_view> bad_headers[] = {{"a", "b\r\nc: d"},
                                                                         {"a", "b\nc"},
                                                                         {"a", {"b\0c", 3}},
                                                                         {"a b", "c"},
                                                                         {"a:", "c"},
                                                                         {"", "c"},
                                                                         {"a\r\nb", "c"},
                                                                         {"Content-Length", "5"},
                                                                         {"transfer-encoding", "chunked"},
                                                                         {"Connection", "close"}};
    for (auto [name, value] : bad_headers) {
        OutboundRequest request{.url = "http://127.0.0.1:1/"};
        request.headers.add(name, value);
        EXPECT_EQ(outbound->call(request).error().code, ErrorCode::invalid_argument) << name;
    }
    EXPECT_EQ(outbound->call({.method = "GET /x HTTP/1.1\r\nx:", .url = "http://127.0.0.1:1/"}).error().code,
              ErrorCode::invalid_argument);
}

TEST(Outbound, follows_redirects_only_where_told_and_takes_no_secret_along) {
    Scripted last({"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhere"});
    const std::string away = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:" + std::to_string(last.port()) +
                             "/b\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    Scripted first({away, away});
    auto outbound = client("127.0.0.1");
    OutboundRequest request{.url = local(first.port(), "/a")};
    request.headers.add("authorization", "secret");
    request.headers.add("accept", "text/x");
    auto kept = outbound->call(request);
    ASSERT_TRUE(kept.ok());
    EXPECT_EQ(kept->status, 302);
    request.redirects_max = 1;
    auto followed = outbound->call(request);
    ASSERT_TRUE(followed.ok()) << followed.error().message;
    EXPECT_EQ(followed->body, "here");
    const std::string asked = last.asked();
    EXPECT_NE(asked.find("GET /b HTTP/1.1\r\n"), std::string::npos);
    EXPECT_NE(asked.find("text/x"), std::string::npos);
    EXPECT_EQ(asked.find("secret"), std::string::npos) << asked;
}

TEST(Outbound, holds_redirects_against_the_policy_and_bounds_them) {
    auto inwards = answer_of("HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/x\r\nContent-Length: 0\r\n\r\n",
                             {.redirects_max = 3});
    EXPECT_EQ(inwards.error().code, ErrorCode::permission_denied);
    TestServer loop;
    loop.handler.on_handle = [](std::unique_ptr<Exchange> exchange) {
        Response response{.status = 302};
        response.headers.add("location", "again");
        exchange->respond(std::move(response));
    };
    loop.start();
    auto looping = client("127.0.0.1")->call({.url = local(loop.port()), .redirects_max = 5});
    EXPECT_EQ(looping.error().code, ErrorCode::resource_exhausted);
}

TEST(Outbound, bounds_what_comes_back) {
    const std::string body(100, 'x');
    const auto code = [&](std::string bytes) {
        auto response = answer_of(std::move(bytes), {.response_bytes_max = 99, .response_head_bytes_max = 1000});
        return response.ok() ? ErrorCode::internal : response.error().code;
    };
    EXPECT_EQ(code("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + body), ErrorCode::resource_exhausted);
    EXPECT_EQ(code("HTTP/1.1 200 OK\r\n\r\n" + body), ErrorCode::resource_exhausted);
    EXPECT_EQ(code("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n" + body + "\r\n0\r\n\r\n"),
              ErrorCode::resource_exhausted);
    EXPECT_EQ(code("HTTP/1.1 200 OK\r\nX: " + std::string(2000, 'y') + "\r\n\r\n"), ErrorCode::corruption);
    EXPECT_EQ(code("HTTP/1.1 200 OK\r\nX: a\rb\r\nContent-Length: 0\r\n\r\n"), ErrorCode::corruption);
    EXPECT_EQ(code("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"), ErrorCode::corruption);
    EXPECT_EQ(code("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"), ErrorCode::unavailable);
    EXPECT_EQ(code("SSH-2.0-OpenSSH\r\n\r\n"), ErrorCode::corruption);
    EXPECT_EQ(code(""), ErrorCode::unavailable);
}

std::string gzipped(std::string_view text) {
    z_stream stream{};
    EXPECT_EQ(::deflateInit2(&stream, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY), Z_OK);
    std::string out(text.size() + 100, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(::deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    ::deflateEnd(&stream);
    return out;
}

TEST(Outbound, undoes_gzip_within_bounds) {
    const std::string packed = gzipped(std::string(50'000, 'z'));
    const std::string answer =
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + std::to_string(packed.size()) + "\r\n\r\n" +
        packed;
    auto response = answer_of(answer);
    ASSERT_TRUE(response.ok()) << response.error().message;
    EXPECT_EQ(response->body, std::string(50'000, 'z'));
    EXPECT_FALSE(response->headers.find("content-encoding"));
    EXPECT_EQ(answer_of(answer, {.response_bytes_max = 1000}).error().code, ErrorCode::resource_exhausted);
    EXPECT_EQ(answer_of(answer, {.decode = false})->body, packed);
    EXPECT_EQ(answer_of("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain").error().code,
              ErrorCode::corruption);
}

TEST(Outbound, gives_up_on_who_does_not_answer_and_on_who_trickles) {
    Scripted silent({""}, true);
    auto outbound = client("127.0.0.1");
    EXPECT_EQ(outbound->call({.url = local(silent.port()), .first_byte_ms_max = 30}).error().code,
              ErrorCode::deadline_exceeded);
    TestServer trickle;
    struct Dripping final : BodySource {
        Result<size_t> read(std::span<char> out) override {
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
            out[0] = 'x';
            return size_t{1};
        }
        bool live() const override { return true; }
    };
    trickle.handler.on_handle = [](std::unique_ptr<Exchange> exchange) {
        Response response;
        response.source = std::make_unique<Dripping>();
        exchange->respond(std::move(response));
    };
    trickle.start();
    EXPECT_EQ(outbound->call({.url = local(trickle.port()), .total_ms_max = 100}).error().code,
              ErrorCode::deadline_exceeded);
}

TEST(Outbound, stops_in_the_middle_of_a_call) {
    Scripted silent({""}, true);
    auto outbound = client("127.0.0.1");
    std::thread stopper([&] {
        while (outbound->stats().connections == 0) std::this_thread::yield();
        outbound->stop();
    });
    EXPECT_EQ(outbound->call({.url = local(silent.port())}).error().code, ErrorCode::cancelled);
    stopper.join();
    EXPECT_EQ(outbound->call({.url = local(silent.port())}).error().code, ErrorCode::cancelled);
}

TEST(Outbound, sends_again_what_may_be_where_a_kept_connection_died) {
    // Closed between the check and the write: what comes back is nothing, and a GET goes out once more.
    Scripted server({"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb"});
    auto outbound = client("127.0.0.1");
    EXPECT_EQ(outbound->call({.url = local(server.port())})->body, "a");
    EXPECT_EQ(outbound->call({.url = local(server.port())})->body, "b");
}

struct TlsFixture : ::testing::Test {
    TlsFixture() {
        char path[] = "/tmp/millrace-outbound-XXXXXX";
        directory = ::mkdtemp(path);
        files = keep_certificate(directory + "/tls").value();
        server = std::make_unique<TestServer>(
            Limits{}, TlsOptions{.enabled = true, .certificate_file = files.certificate, .key_file = files.key});
        server->start();
    }
    ~TlsFixture() override { std::filesystem::remove_all(directory); }
    std::string url(std::string_view host) {
        return "https://" + std::string(host) + ":" + std::to_string(server->port()) + "/";
    }
    std::string directory;
    CertificateFiles files;
    std::unique_ptr<TestServer> server;
};

TEST_F(TlsFixture, speaks_tls_with_whom_it_trusts) {
    auto outbound = client("127.0.0.0/8", files.certificate);
    for (const char* host : {"localhost", "127.0.0.1", "localhost"}) {
        auto response = outbound->call({.method = "PUT", .url = url(host), .body = "x"});
        ASSERT_TRUE(response.ok()) << response.error().message;
        EXPECT_EQ(response->body, "PUT / x");
    }
    EXPECT_EQ(outbound->stats().reused, 1u);
}

TEST_F(TlsFixture, refuses_unknown_authorities_and_other_names) {
    auto stranger = client("127.0.0.0/8")->call({.url = url("localhost")});
    EXPECT_EQ(stranger.error().code, ErrorCode::unauthenticated);
    EXPECT_NE(stranger.error().message.find("outbound-ca-file"), std::string::npos) << stranger.error().message;
    auto other = client("127.0.0.0/8", files.certificate)->call({.url = url("127.1")});
    EXPECT_EQ(other.error().code, ErrorCode::unauthenticated) << other.error().message;
}

TEST(OutboundUrl, is_taken_apart) {
    auto url = parse_outbound_url("HTTPS://Example.COM.:8443/a%20b?c=d&e#f");
    ASSERT_TRUE(url.ok()) << url.error().message;
    EXPECT_EQ(url->text, "https://example.com:8443/a%20b?c=d&e");
    EXPECT_EQ(parse_outbound_url("http://x?q")->target, "/?q");
    EXPECT_EQ(parse_outbound_url("http://[::1]:80/")->authority, "[::1]");
    EXPECT_EQ(resolve_outbound_url(*url, "./c")->text, "https://example.com:8443/c");
    EXPECT_EQ(resolve_outbound_url(*url, "//other/c")->text, "https://other/c");
    EXPECT_FALSE(resolve_outbound_url(*url, "javascript:x").ok());
}

}  // namespace
}  // namespace millrace::http
