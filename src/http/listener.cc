#include "src/http/listener.h"

#include <cerrno>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/http/connection.h"
#include "src/http/response_head.h"
#include "src/http/server_core.h"

namespace millrace::http {
namespace {

constexpr int accepted_per_turn = 64;
constexpr uint32_t refused_at_once_max = 64;  // connections over the limit that are told so; more are just closed

uint16_t port_of(const sockaddr_storage& address) {
    return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                                               : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

std::string name_of_address(const sockaddr_storage& address) {
    char text[INET6_ADDRSTRLEN] = "";
    if (address.ss_family == AF_INET6) {
        ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, text, sizeof text);
    } else if (address.ss_family == AF_INET) {
        ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, text, sizeof text);
    }
    return text;
}

std::string too_many_connections(ServerCore& core, IoLoop& loop) {
    Response response = core.handler.refuse(nullptr, 503, "The server has as many connections as it allows.");
    HeadOptions options;
    options.content_length = response.body.size();
    options.close = true;
    options.date = loop.date();
    std::string bytes;
    write_response_head(response, options, &bytes);
    return bytes + response.body;
}

}  // namespace

Listener::Listener(int descriptor, uint16_t port)
    : descriptor_(descriptor), spare_(::open("/dev/null", O_RDONLY | O_CLOEXEC)), port_(port) {}

Listener::~Listener() {
    close();
}

void Listener::close() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
    if (spare_ >= 0) ::close(std::exchange(spare_, -1));
    loops_.clear();
}

Result<std::unique_ptr<Listener>> Listener::open(const std::string& host, uint16_t port) {
    std::string shown = host + ":" + std::to_string(port);
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    int failure = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
    if (failure != 0)
        return {ErrorCode::invalid_argument, "can not listen on " + shown + ": " + ::gai_strerror(failure)};
    std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
    // A name may stand for several addresses; IPv4 first, as clients told "localhost" try it at the latest second.
    const addrinfo* chosen = found;
    for (const addrinfo* each = found; each; each = each->ai_next) {
        if (each->ai_family == AF_INET) {
            chosen = each;
            break;
        }
    }
    int descriptor = ::socket(chosen->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return io_error("socket", errno);
    int one = 1;
    ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    sockaddr_storage bound{};
    socklen_t bound_size = sizeof bound;
    if (::bind(descriptor, chosen->ai_addr, chosen->ai_addrlen) != 0 || ::listen(descriptor, 4096) != 0 ||
        ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&bound), &bound_size) != 0) {
        int problem = errno;
        ::close(descriptor);
        Error error = io_error("can not listen on " + shown, problem);
        if (problem == EADDRINUSE)
            error.message += ": stop who listens there, or take another port (0 is any free one)";
        return error;
    }
    return std::unique_ptr<Listener>(new Listener(descriptor, port_of(bound)));
}

void Listener::begin(std::shared_ptr<ServerCore> core, std::vector<std::shared_ptr<IoLoop>> loops) {
    core_ = std::move(core);
    loops_ = std::move(loops);
    MILLRACE_CHECK(loops_.front()->watch(descriptor_, EPOLLIN, this));
}

void Listener::on_event(uint32_t) {
    for (int i = 0; i < accepted_per_turn && descriptor_ >= 0; ++i) {
        if (!accept_one()) return;
    }
}

bool Listener::accept_one() {
    sockaddr_storage peer{};
    socklen_t peer_size = sizeof peer;
    int accepted = ::accept4(descriptor_, reinterpret_cast<sockaddr*>(&peer), &peer_size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted < 0) {
        if (errno == EMFILE || errno == ENFILE) shed_one();
        return errno == ECONNABORTED || errno == EINTR;
    }
    int one = 1;
    ::setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    uint32_t open = core_->connections.load();
    bool refused = open >= core_->limits.connections_max;
    if (refused) core_->connections_refused.fetch_add(1);
    if (open >= core_->limits.connections_max + refused_at_once_max) {
        ::close(accepted);
        return true;
    }
    core_->connections_accepted.fetch_add(1);
    std::shared_ptr<IoLoop> loop = loops_.front();
    for (const auto& other : loops_) {
        if (other->connection_count() < loop->connection_count()) loop = other;
    }
    auto connection = std::make_shared<Connection>(core_, loop, accepted, name_of_address(peer), port_of(peer));
    // Counted where it goes before it is there, so that a burst is dealt evenly.
    loop->expect_connection();
    loop->post([connection, refused, loop_pointer = loop.get()] {
        loop_pointer->adopt(connection);
        if (refused) {
            connection->begin_refused(too_many_connections(connection->core(), *loop_pointer));
        } else {
            connection->begin();
        }
    });
    return true;
}

// No descriptor is left for the next connection, and the kernel would report it for ever: gives up the spare one to
// take it and close it, so that its peer is told and the loop does not spin.
void Listener::shed_one() {
    if (spare_ < 0) return;
    ::close(spare_);
    int accepted = ::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC);
    if (accepted >= 0) ::close(accepted);
    spare_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    core_->connections_refused.fetch_add(1);
    errno = EMFILE;
}

}  // namespace millrace::http
