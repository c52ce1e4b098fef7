// A whole connection fed any bytes, HTTP/1 and HTTP/2, in pieces of any size, with a handler that uses every way to
// answer. The first byte chooses: whether HTTP/2's preface goes before, and how large the pieces are.
#include <memory>
#include <string>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/http/connection.h"
#include "src/http/io_loop.h"
#include "src/http/server_core.h"
#include "src/http/tls.h"
#include "src/io/executor.h"

namespace {

using namespace millrace;
using namespace millrace::http;

// Runs tasks at once, so that one input takes one course. Its handlers never read a body that has not come.
class InlineExecutor final : public io::Executor {
  public:
    bool submit(std::function<void()> task) override {
        task();
        return true;
    }
    void stop() override {}
};

class SmallSource final : public BodySource {
  public:
    Result<size_t> read(std::span<char> out) override {
        size_t size = std::min(out.size(), left_);
        std::fill_n(out.data(), size, 'x');
        left_ -= size;
        return size;
    }

  private:
    size_t left_ = 1000;
};

class FuzzHandler final : public Handler {
  public:
    BodyMode begin(const RequestHead& head) override {
        MILLRACE_CHECK(!head.method.empty() && !head.path.empty());
        MILLRACE_CHECK(head.path[0] == '/' || head.path == "*");
        return head.path.ends_with('s') ? BodyMode::streamed : BodyMode::gathered;
    }
    void handle(std::unique_ptr<Exchange> exchange) override {
        Response response;
        const std::string& path = exchange->head().path;
        if (path.starts_with("/l") && !later) {
            later = std::move(exchange);
            return;
        }
        if (path.starts_with("/d")) return;  // dropped: a 500
        if (path.starts_with("/b") || path.starts_with("/c")) response.source = std::make_unique<SmallSource>();
        if (path.starts_with("/b")) response.source_size = 1000;
        if (path.starts_with("/e")) response.close = true;
        if (!response.source) response.body = std::string(exchange->body());
        for (const auto& [name, value] : exchange->head().headers.fields()) response.headers.add(name, value);
        exchange->respond(std::move(response));
    }
    Response refuse(const RequestHead*, int status, std::string_view message) override {
        Response response;
        response.status = status;
        response.body = message;
        return response;
    }
    std::unique_ptr<Exchange> later;
};

void drain(int peer) {
    char bytes[65536];
    while (::recv(peer, bytes, sizeof bytes, MSG_DONTWAIT) > 0) {
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size < 1) return 0;
    std::string input;
    if (data[0] & 1) input = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + std::string("\0\0\0\4\0\0\0\0\0", 9);
    size_t step = size_t{1} << ((data[0] >> 1) & 15);
    input.append(reinterpret_cast<const char*>(data) + 1, size - 1);

    FuzzHandler handler;
    InlineExecutor executor;
    ServerOptions options;
    options.limits.header_bytes_max = 2000;
    options.limits.gathered_body_bytes_max = 4000;
    options.limits.gathered_bytes_total_max = 6000;
    options.limits.streams_per_connection_max = 4;
    auto core = std::make_shared<ServerCore>(options, handler, executor);
    auto loop = std::make_shared<IoLoop>();
    core->budget.on_free([loop = loop.get()] { loop->post([loop] { loop->budget_freed(); }); });
    int ends[2];
    MILLRACE_CHECK(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
    loop->run_once(0);
    {
        auto connection = std::make_shared<Connection>(core, loop, ends[0], "peer", 1);
        loop->expect_connection();
        loop->adopt(connection);
        connection->begin();
    }
    std::string_view left = input;
    while (!left.empty()) {
        ssize_t sent = ::send(ends[1], left.data(), std::min(step, left.size()), MSG_NOSIGNAL | MSG_DONTWAIT);
        loop->run_once(0);
        drain(ends[1]);
        if (sent <= 0) break;
        left.remove_prefix(static_cast<size_t>(sent));
    }
    if (handler.later) handler.later->respond({.body = "later"});
    handler.later.reset();
    loop->run_once(0);
    loop->run_once(0);
    drain(ends[1]);
    ::close(ends[1]);
    for (int i = 0; i < 4 && !loop->connections().empty(); ++i) loop->run_once(0);
    while (!loop->connections().empty()) {
        loop->connections().back()->close();
        loop->run_once(0);
    }
    handler.later.reset();
    loop->run_once(0);
    MILLRACE_CHECK(core->budget.used() == 0);
    MILLRACE_CHECK(core->connections.load() == 0);
    return 0;
}
