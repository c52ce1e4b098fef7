#include "src/http/outbound/resolver.h"

#include <cstring>
#include <mutex>
#include <thread>

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>

#include "src/io/awake_poll.h"
#include "src/io/wakeup.h"

namespace millrace::http {
namespace {

constexpr size_t addresses_max = 16;  // of one name

struct LookUp {
    std::string host, service;
    std::shared_ptr<io::Wakeup> done = io::Wakeup::make();
    std::mutex mutex;
    int failure = 0;
    std::vector<ResolvedAddress> found;
};

std::vector<ResolvedAddress> taken(const addrinfo* each) {
    std::vector<ResolvedAddress> out;
    for (; each && out.size() < addresses_max; each = each->ai_next) {
        ResolvedAddress address;
        if (each->ai_addrlen > sizeof address.address || !IpAddress::of(each->ai_addr, &address.ip)) continue;
        std::memcpy(&address.address, each->ai_addr, each->ai_addrlen);
        address.size = each->ai_addrlen;
        out.push_back(address);
    }
    return out;
}

void run(LookUp& look_up, int flags) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags;
    addrinfo* found = nullptr;
    const int failure = ::getaddrinfo(look_up.host.c_str(), look_up.service.c_str(), &hints, &found);
    std::lock_guard lock(look_up.mutex);
    look_up.failure = failure;
    if (failure == 0) look_up.found = taken(found);
    if (found) ::freeaddrinfo(found);
}

Result<std::vector<ResolvedAddress>> outcome(LookUp& look_up) {
    std::lock_guard lock(look_up.mutex);
    if (look_up.failure != 0)
        return Error{ErrorCode::unavailable,
                     "the host \"" + look_up.host + "\" can not be found: " + ::gai_strerror(look_up.failure)};
    if (look_up.found.empty()) return Error{ErrorCode::unavailable, "the host \"" + look_up.host + "\" has no address"};
    return std::move(look_up.found);
}

}  // namespace

Status wait_ready(int descriptor, short events, int stop, const TimeLeft& time) {
    for (;;) {
        pollfd waiting[2] = {{descriptor, events, 0}, {stop, POLLIN, 0}};
        const int ready = io::awake_poll(waiting, 2, time.poll_ms());
        if (ready < 0 && errno != EINTR) return io_error("poll", errno);
        if (ready > 0 && waiting[1].revents != 0) return {ErrorCode::cancelled, "the server is stopping"};
        if (ready > 0) return {};
        if (time.is_over()) return time.error();
    }
}

Result<std::vector<ResolvedAddress>> Resolver::look_up(const std::string& host, uint16_t port, int stop,
                                                       const TimeLeft& time) {
    auto look_up = std::make_shared<LookUp>();
    look_up->host = host;
    look_up->service = std::to_string(port);
    if (IpAddress literal; IpAddress::parse(host, &literal)) {
        run(*look_up, AI_NUMERICHOST | AI_NUMERICSERV);
        return outcome(*look_up);
    }
    if (under_way_->fetch_add(1) >= lookups_max_) {
        under_way_->fetch_sub(1);
        return Error{ErrorCode::unavailable, "too many names are being looked up; try again later"};
    }
    std::thread([look_up, under_way = under_way_] {
        run(*look_up, AI_NUMERICSERV);
        under_way->fetch_sub(1);
        look_up->done->signal();
    }).detach();
    TRY(wait_ready(look_up->done->descriptor(), POLLIN, stop, time));
    return outcome(*look_up);
}

}  // namespace millrace::http
