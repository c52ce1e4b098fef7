// For tests: a server whose handler is two functions, and a peer that sends any bytes.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/http/server.h"
#include "src/io/executor.h"

namespace millrace::http::testing {

class FunctionHandler final : public Handler {
  public:
    std::function<BodyMode(const RequestHead&)> on_begin = [](const RequestHead&) { return BodyMode::gathered; };
    // Any thread, several at once.
    std::function<void(std::unique_ptr<Exchange>)> on_handle = [](std::unique_ptr<Exchange> exchange) {
        Response response;
        response.body = exchange->head().method + " " + exchange->head().path + " " + std::string(exchange->body());
        exchange->respond(std::move(response));
    };

    BodyMode begin(const RequestHead& head) override { return on_begin(head); }
    void handle(std::unique_ptr<Exchange> exchange) override { on_handle(std::move(exchange)); }
    Response refuse(const RequestHead*, int status, std::string_view message) override {
        Response response;
        response.status = status;
        response.body = message;
        return response;
    }
};

// What a handler keeps for the test to answer.
class HeldExchanges {
  public:
    void take(std::unique_ptr<Exchange> exchange) {
        std::lock_guard lock(mutex_);
        held_.push_back(std::move(exchange));
        arrived_.notify_one();
    }
    auto taking() {
        return [this](std::unique_ptr<Exchange> exchange) { take(std::move(exchange)); };
    }
    // All but those for `path`, which are answered at once.
    auto taking_but(std::string path) {
        return [this, path](std::unique_ptr<Exchange> exchange) {
            if (exchange->head().path == path) return exchange->respond({.body = "answered"});
            take(std::move(exchange));
        };
    }
    std::vector<std::unique_ptr<Exchange>> wait_for(size_t count) {
        std::unique_lock lock(mutex_);
        arrived_.wait(lock, [&] { return held_.size() == count; });
        return std::move(held_);
    }

  private:
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::vector<std::unique_ptr<Exchange>> held_;
};

struct TestServer {
    explicit TestServer(Limits limits = {}, TlsOptions tls = {}, uint32_t io_threads = 2) {
        options.port = 0;
        options.limits = limits;
        options.tls = tls;
        options.io_threads = io_threads;
    }
    ~TestServer() { server.reset(); }
    // After the handler's functions are set.
    void start() {
        auto started = start_server(options, handler, *executor);
        ASSERT_TRUE(started.ok()) << started.error().message;
        server = std::move(started).value();
    }
    uint16_t port() const { return server->port(); }

    ServerOptions options;
    FunctionHandler handler;
    std::unique_ptr<Server> server;
    std::unique_ptr<io::Executor> executor = io::make_executor({.name = "test"});
};

// A TCP connection without any manners.
class RawPeer {
  public:
    explicit RawPeer(uint16_t port, int receive_buffer = 0) {
        socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (receive_buffer > 0) ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        int one = 1;
        ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    }
    ~RawPeer() { close(); }
    RawPeer(const RawPeer&) = delete;
    RawPeer& operator=(const RawPeer&) = delete;

    // Whether all of it was taken.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<size_t>(sent));
        }
        return true;
    }
    // Reads until `text` was seen or the peer closed; returns everything read since the last call.
    std::string read_until(std::string_view text) {
        while (got_.find(text) == std::string::npos && read_some()) {
        }
        size_t at = got_.find(text);
        size_t end = at == std::string::npos ? got_.size() : at + text.size();
        std::string seen = got_.substr(0, end);
        got_.erase(0, end);
        return seen;
    }
    std::string read_all() {  // to the end of the connection
        while (read_some()) {
        }
        return std::exchange(got_, {});
    }
    std::string take_rest() { return std::exchange(got_, {}); }  // read already, not yet returned
    void end_output() { ::shutdown(socket_, SHUT_WR); }
    void close() {
        if (socket_ >= 0) ::close(socket_);
        socket_ = -1;
    }
    int descriptor() const { return socket_; }

  private:
    bool read_some() {
        pollfd waiting{socket_, POLLIN, 0};
        if (::poll(&waiting, 1, 20'000) <= 0) {
            ADD_FAILURE() << "the server neither answers nor closes";
            return false;
        }
        char bytes[65536];
        ssize_t size = ::recv(socket_, bytes, sizeof bytes, 0);
        if (size <= 0) return false;
        got_.append(bytes, static_cast<size_t>(size));
        return true;
    }

    int socket_;
    std::string got_;
};

}  // namespace millrace::http::testing
