// A server that stood still - stopped, or on a machine that was paused - holds nobody to times that ran meanwhile;
// awake again, it holds everybody to them. Its loop is turned by hand, on a time of the test's.
#include <fcntl.h>

#include "src/http/connection.h"
#include "src/http/server_core.h"
#include "src/http/server_testing.h"
#include "src/http/tls.h"

namespace millrace::http {
namespace {

constexpr int64_t tick_ms = 500;  // a server's, with limits as they come

struct Moment {
    std::string name;
    std::string before;  // what the peer has sent
    std::string after;   // what it sends when it goes on
    std::string answer;  // what is seen of the server then
    std::string late;    // what is seen where it does not go on
    int64_t limit_ms;
};

std::string http2(std::string frames) {
    return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + std::string("\0\0\0\4\0\0\0\0\0", 9) + frames;
}
std::string bytes(std::initializer_list<int> each) {
    return {each.begin(), each.end()};
}
// HEADERS of stream 1: POST http / (HPACK's static table), of authority x. DATA of as many bytes.
const std::string http2_head = bytes({0, 0, 6, 1, 4, 0, 0, 0, 1, 0x83, 0x86, 0x84, 0x41, 1, 'x'});
std::string http2_data(size_t size, bool end) {
    const int middle = static_cast<int>(size >> 8), low = static_cast<int>(size & 255);
    return bytes({0, middle, low, 0, end ? 1 : 0, 0, 0, 0, 1}) + std::string(size, 'x');
}

class StandingStill : public ::testing::TestWithParam<Moment> {
  protected:
    StandingStill() {
        loop_->set_tick_ms(tick_ms);
        int ends[2];
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
        peer_ = ends[1];
        auto connection = std::make_shared<Connection>(core_, loop_, ends[0], "peer", 1);
        loop_->expect_connection();
        loop_->adopt(connection);
        connection->begin();
    }
    ~StandingStill() override {
        ::close(peer_);
        while (!loop_->connections().empty()) {
            loop_->connections().back()->close();
            loop_->run_once(0);
        }
    }
    // Once round after `ms`.
    void after(int64_t ms) {
        now_ms_ += ms;
        loop_->run_once(0);
    }
    void awake_for(int64_t ms) {
        for (int64_t left = ms; left > 0; left -= tick_ms) after(std::min(left, tick_ms));
    }
    void send(const std::string& text) {
        ASSERT_EQ(::send(peer_, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
        after(0);
    }
    std::string seen() {
        char got[65536];
        const ssize_t size = ::recv(peer_, got, sizeof got, 0);
        return size > 0 ? std::string(got, static_cast<size_t>(size)) : std::string();
    }
    bool open() const { return !loop_->connections().empty(); }

    int64_t now_ms_ = 5'000;
    std::unique_ptr<io::Executor> executor_ = io::make_executor({.name = "test"});
    testing::FunctionHandler handler_;
    std::shared_ptr<ServerCore> core_ = std::make_shared<ServerCore>(ServerOptions(), handler_, *executor_);
    std::shared_ptr<IoLoop> loop_ = std::make_shared<IoLoop>([this] { return now_ms_; });
    int peer_ = -1;
};

TEST_P(StandingStill, costs_the_peer_nothing) {
    const Moment& moment = GetParam();
    send(moment.before);
    seen();
    awake_for(moment.limit_ms / 2);
    for (int i = 0; i < 3; ++i) after(600'000);
    ASSERT_TRUE(open());
    EXPECT_EQ(seen(), "");
    send(moment.after);
    EXPECT_NE(seen().find(moment.answer), std::string::npos);
}

TEST_P(StandingStill, is_no_excuse_for_a_peer_that_is_late_anyway) {
    const Moment& moment = GetParam();
    send(moment.before);
    seen();
    after(600'000);
    awake_for(moment.limit_ms - 3 * tick_ms);
    EXPECT_TRUE(open());
    std::string all;
    for (int i = 0; i < 10; ++i) {
        awake_for(tick_ms);
        all += seen();
    }
    EXPECT_NE(all.find(moment.late), std::string::npos);
    EXPECT_TRUE(!open() || !moment.late.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Moments, StandingStill,
    ::testing::Values(Moment{"idle", "", "GET /new HTTP/1.1\r\nHost: x\r\n\r\n", "GET /new ", "", Limits().idle_ms_max},
                      Moment{"kept", "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n", "GET /2 HTTP/1.1\r\nHost: x\r\n\r\n",
                             "GET /2 ", "", Limits().idle_ms_max},
                      Moment{"head", "GET /slow HTTP/1.1\r\nHo", "st: x\r\n\r\n", "GET /slow ", " 408 ",
                             Limits().header_ms_max},
                      Moment{"body", "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc", "defghi",
                             "POST /b abcdefghi", " 408 ", Limits().slow_window_ms},
                      Moment{"http2_body", http2(http2_head + http2_data(3, false)), http2_data(5, true),
                             "POST / xxxxxxxx", "The request's body comes too slowly.", Limits().slow_window_ms}),
    [](const auto& info) { return info.param.name; });

TEST_F(StandingStill, costs_who_takes_a_response_nothing) {
    handler_.on_handle = [](std::unique_ptr<Exchange> exchange) {
        exchange->respond({.body = std::string(20 << 20, 'x')});
    };
    send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    awake_for(5'000);
    after(600'000);
    EXPECT_TRUE(open());
    awake_for(5'000);
    EXPECT_FALSE(open());
}

}  // namespace
}  // namespace millrace::http
