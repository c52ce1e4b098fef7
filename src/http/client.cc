#include "src/http/client.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <memory>
#include <utility>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "src/http/chunk_decoder.h"
#include "src/http/response_parser.h"
#include "src/io/awake_poll.h"

namespace millrace::http {
namespace {

constexpr size_t read_bytes = 64 * 1024;

class BlockingClient final : public Client {
  public:
    explicit BlockingClient(ClientOptions options) : options_(std::move(options)) {}
    ~BlockingClient() override { BlockingClient::close(); }

    Status send(const ClientRequest& request) override;
    Result<ClientResponse> receive() override;
    size_t in_flight() const override { return head_requests_.size(); }
    bool is_connected() const override { return socket_ >= 0; }
    void close() override;

  private:
    Status connect();
    Status connect_to(const void* address, size_t size, int family);
    void write_head(const ClientRequest& request);
    Status write(iovec* pieces, int count);
    Status wait_for(short events);
    Result<size_t> read_more();  // 0: the peer has closed
    Status read_body(const ResponseParser& parser, ClientResponse* response);
    Status read_chunked(std::string* body);
    Error lost(Error error);

    const ClientOptions options_;
    int socket_ = -1;
    std::string head_;   // of the request being sent; its room is reused
    std::string input_;  // came, not yet understood, from input_at_ on
    size_t input_at_ = 0;
    std::deque<bool> head_requests_;  // for each request in flight: whether it was a HEAD
};

// Whatever failed, where the connection stands is unknown: it is closed, and all in flight is lost.
Error BlockingClient::lost(Error error) {
    close();
    return error;
}

void BlockingClient::close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
    head_requests_.clear();
    input_.clear();
    input_at_ = 0;
}

Status BlockingClient::connect() {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    std::string shown = options_.host + ":" + std::to_string(options_.port);
    int failure = ::getaddrinfo(options_.host.c_str(), std::to_string(options_.port).c_str(), &hints, &found);
    if (failure != 0) return {ErrorCode::unavailable, "can not find " + shown + ": " + ::gai_strerror(failure)};
    std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
    Status last;
    for (const addrinfo* each = found; each; each = each->ai_next) {
        last = connect_to(each->ai_addr, each->ai_addrlen, each->ai_family);
        if (last.ok()) return last;
        close();
    }
    return with_context(std::move(last).error(), "can not connect to " + shown);
}

Status BlockingClient::connect_to(const void* address, size_t size, int family) {
    socket_ = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket_ < 0) return io_error("socket", errno);
    int one = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (::connect(socket_, static_cast<const sockaddr*>(address), static_cast<socklen_t>(size)) == 0) return {};
    if (errno != EINPROGRESS) return {ErrorCode::unavailable, std::strerror(errno)};
    pollfd waiting{socket_, POLLOUT, 0};
    if (io::awake_poll(&waiting, 1, static_cast<int>(options_.connect_ms_max)) <= 0) {
        return {ErrorCode::unavailable, "no answer in " + std::to_string(options_.connect_ms_max) + " ms"};
    }
    int problem = 0;
    socklen_t problem_size = sizeof problem;
    ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &problem, &problem_size);
    if (problem != 0) return {ErrorCode::unavailable, std::strerror(problem)};
    return {};
}

void BlockingClient::write_head(const ClientRequest& request) {
    head_.assign(request.method);
    head_ += ' ';
    head_ += request.target;
    head_ += " HTTP/1.1\r\n";
    if (!request.headers.find("host")) {
        head_ += "host: ";
        head_ += options_.host;
        head_ += ':';
        head_ += std::to_string(options_.port);
        head_ += "\r\n";
    }
    for (const auto& [name, value] : request.headers.fields()) {
        head_ += name;
        head_ += ": ";
        head_ += value;
        head_ += "\r\n";
    }
    if (!request.body.empty() || (request.method != "GET" && request.method != "HEAD")) {
        head_ += "content-length: ";
        head_ += std::to_string(request.body.size());
        head_ += "\r\n";
    }
    head_ += "\r\n";
}

Status BlockingClient::send(const ClientRequest& request) {
    if (socket_ < 0) TRY(connect());
    write_head(request);
    iovec pieces[2] = {{head_.data(), head_.size()}, {const_cast<char*>(request.body.data()), request.body.size()}};
    Status sent = write(pieces, request.body.empty() ? 1 : 2);
    if (!sent.ok()) return lost(std::move(sent).error());
    head_requests_.push_back(request.method == "HEAD");
    return {};
}

// While the peer does not take our bytes, takes its: it may be waiting for us to read responses before it reads more.
Status BlockingClient::write(iovec* pieces, int count) {
    while (count > 0) {
        msghdr message{};
        message.msg_iov = pieces;
        message.msg_iovlen = static_cast<size_t>(count);
        ssize_t sent = ::sendmsg(socket_, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && errno != EAGAIN) return {ErrorCode::unavailable, std::string("send: ") + std::strerror(errno)};
        if (sent < 0) {
            pollfd waiting{socket_, POLLIN | POLLOUT, 0};
            int ready = io::awake_poll(&waiting, 1, static_cast<int>(options_.io_ms_max));
            if (ready == 0) return {ErrorCode::deadline_exceeded, "the server does not take the request"};
            if (!(waiting.revents & POLLIN)) continue;
            if (input_.size() - input_at_ > options_.response_bytes_max) {
                return {ErrorCode::resource_exhausted, "more responses than response_bytes_max came unread"};
            }
            TRY_ASSIGN(size_t got, read_more());
            if (got == 0) return {ErrorCode::unavailable, "the server closed the connection"};
            continue;
        }
        auto left = static_cast<size_t>(sent);
        while (count > 0 && left >= pieces->iov_len) {
            left -= pieces->iov_len;
            ++pieces;
            --count;
        }
        if (count > 0) {
            pieces->iov_base = static_cast<char*>(pieces->iov_base) + left;
            pieces->iov_len -= left;
        }
    }
    return {};
}

Status BlockingClient::wait_for(short events) {
    for (;;) {
        pollfd waiting{socket_, events, 0};
        int ready = io::awake_poll(&waiting, 1, static_cast<int>(options_.io_ms_max));
        if (ready > 0) return {};
        if (ready == 0) return {ErrorCode::deadline_exceeded, "the server does not answer"};
        if (errno != EINTR) return io_error("poll", errno);
    }
}

Result<size_t> BlockingClient::read_more() {
    if (input_at_ > 0) {
        input_.erase(0, input_at_);
        input_at_ = 0;
    }
    size_t before = input_.size();
    input_.resize(before + read_bytes);
    for (;;) {
        ssize_t got = ::recv(socket_, input_.data() + before, read_bytes, 0);
        if (got >= 0) {
            input_.resize(before + static_cast<size_t>(got));
            return static_cast<size_t>(got);
        }
        if (errno == EINTR) continue;
        if (errno == EAGAIN) {
            Status ready = wait_for(POLLIN);
            if (ready.ok()) continue;
            input_.resize(before);
            return std::move(ready).error();
        }
        input_.resize(before);
        return {ErrorCode::unavailable, std::string("receive: ") + std::strerror(errno)};
    }
}

Result<ClientResponse> BlockingClient::receive() {
    if (head_requests_.empty()) return {ErrorCode::failed_precondition, "no request is in flight"};
    ClientResponse response;
    ResponseParser parser(head_requests_.front());
    for (;;) {
        size_t taken = 0;
        std::string_view unread = std::string_view(input_).substr(input_at_);
        Result<bool> done = parser.feed(unread, &taken, &response);
        if (!done.ok()) return lost(std::move(done).error());
        input_at_ += taken;
        if (*done) break;
        Result<size_t> got = read_more();
        if (!got.ok()) return lost(std::move(got).error());
        if (*got == 0) return lost({ErrorCode::unavailable, "the server closed the connection"});
    }
    Status body = read_body(parser, &response);
    if (!body.ok()) return lost(std::move(body).error());
    head_requests_.pop_front();
    if (response.close) close();
    return response;
}

Status BlockingClient::read_body(const ResponseParser& parser, ClientResponse* response) {
    if (parser.chunked()) return read_chunked(&response->body);
    uint64_t length = parser.until_close() ? options_.response_bytes_max + 1 : parser.content_length();
    if (!parser.until_close() && length > options_.response_bytes_max) {
        return {ErrorCode::resource_exhausted, "the response's body is larger than response_bytes_max"};
    }
    for (;;) {
        size_t take =
            static_cast<size_t>(std::min<uint64_t>(length - response->body.size(), input_.size() - input_at_));
        response->body.append(input_, input_at_, take);
        input_at_ += take;
        if (response->body.size() == length) break;
        TRY_ASSIGN(size_t got, read_more());
        if (got > 0) continue;
        if (parser.until_close()) return {};
        return {ErrorCode::unavailable, "the server closed the connection inside a response"};
    }
    if (parser.until_close()) {
        return {ErrorCode::resource_exhausted, "the response's body is larger than response_bytes_max"};
    }
    return {};
}

Status BlockingClient::read_chunked(std::string* body) {
    ChunkDecoder decoder;
    for (;;) {
        ChunkDecoder::Step step = decoder.next(std::string_view(input_).substr(input_at_), SIZE_MAX);
        if (step.bad) return {ErrorCode::corruption, std::string(decoder.message())};
        body->append(step.data);
        input_at_ += step.taken;
        if (step.done) return {};
        if (body->size() > options_.response_bytes_max) {
            return {ErrorCode::resource_exhausted, "the response's body is larger than response_bytes_max"};
        }
        if (step.taken > 0) continue;
        TRY_ASSIGN(size_t got, read_more());
        if (got == 0) return {ErrorCode::unavailable, "the server closed the connection inside a response"};
    }
}

}  // namespace

Result<ClientResponse> Client::call(const ClientRequest& request) {
    if (in_flight() > 0) return {ErrorCode::failed_precondition, "requests are in flight: use send() and receive()"};
    bool was_connected = is_connected();
    Status sent = send(request);
    Result<ClientResponse> response = sent.ok() ? receive() : Result<ClientResponse>(std::move(sent).error());
    if (response.ok() || !was_connected || response.error().code != ErrorCode::unavailable) return response;
    TRY(send(request));
    return receive();
}

std::unique_ptr<Client> make_client(ClientOptions options) {
    return std::make_unique<BlockingClient>(std::move(options));
}

}  // namespace millrace::http
