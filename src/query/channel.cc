#include "src/query/channel.h"

#include <cerrno>
#include <cstring>
#include <ctime>

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace millrace::query {

namespace {

int64_t monotonic_ns() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

Status wait_for(int socket, short events, int64_t deadline_ns) {
    for (;;) {
        int timeout_ms = -1;
        if (deadline_ns != 0) {
            const int64_t left_ns = deadline_ns - monotonic_ns();
            if (left_ns <= 0) return Error{ErrorCode::deadline_exceeded, "the time is up"};
            timeout_ms = static_cast<int>(std::min<int64_t>(left_ns / 1'000'000 + 1, 1 << 30));
        }
        pollfd waiting{.fd = socket, .events = events, .revents = 0};
        const int ready = ::poll(&waiting, 1, timeout_ms);
        if (ready > 0) return {};
        if (ready < 0 && errno != EINTR) return io_error("poll", errno);
    }
}

}  // namespace

void Descriptor::reset(int value) {
    if (value_ >= 0) ::close(value_);
    value_ = value;
}

Status send_message(int socket, MessageKind kind, std::string_view payload, const std::vector<int>& descriptors,
                    int64_t deadline_ns) {
    if (payload.size() > message_bytes_max || descriptors.size() > message_descriptors_max) {
        return Error{ErrorCode::resource_exhausted, "a message between engine and worker is too long"};
    }
    char head[5];
    for (int i = 0; i < 4; ++i) head[i] = static_cast<char>(payload.size() >> (8 * i));
    head[4] = static_cast<char>(kind);

    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * message_descriptors_max)];
    size_t sent = 0;
    const size_t total = sizeof head + payload.size();
    while (sent < total) {
        iovec parts[2];
        int count = 0;
        if (sent < sizeof head) parts[count++] = {head + sent, sizeof head - sent};
        const size_t payload_sent = sent > sizeof head ? sent - sizeof head : 0;
        if (payload_sent < payload.size()) {
            parts[count++] = {const_cast<char*>(payload.data()) + payload_sent, payload.size() - payload_sent};
        }
        msghdr message{};
        message.msg_iov = parts;
        message.msg_iovlen = static_cast<size_t>(count);
        if (sent == 0 && !descriptors.empty()) {
            message.msg_control = control;
            message.msg_controllen = CMSG_SPACE(sizeof(int) * descriptors.size());
            cmsghdr* header = CMSG_FIRSTHDR(&message);
            header->cmsg_level = SOL_SOCKET;
            header->cmsg_type = SCM_RIGHTS;
            header->cmsg_len = CMSG_LEN(sizeof(int) * descriptors.size());
            std::memcpy(CMSG_DATA(header), descriptors.data(), sizeof(int) * descriptors.size());
        }
        const ssize_t wrote = ::sendmsg(socket, &message, MSG_NOSIGNAL | (deadline_ns != 0 ? MSG_DONTWAIT : 0));
        if (wrote > 0) {
            sent += static_cast<size_t>(wrote);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            TRY(wait_for(socket, POLLOUT, deadline_ns));
        } else if (errno == EPIPE || errno == ECONNRESET) {
            return Error{ErrorCode::unavailable, "the other side of the query's socket is gone"};
        } else if (errno != EINTR) {
            return io_error("sendmsg", errno);
        }
    }
    return {};
}

Result<Message> receive_message(int socket, int64_t deadline_ns) {
    Message message;
    char head[5];
    size_t have = 0;
    size_t total = sizeof head;
    bool head_done = false;
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * message_descriptors_max)];
    while (have < total) {
        char* into = head_done ? message.payload.data() + have : head + have;
        iovec part{into, total - have};
        msghdr received{};
        received.msg_iov = &part;
        received.msg_iovlen = 1;
        received.msg_control = control;
        received.msg_controllen = sizeof control;
        if (deadline_ns != 0) TRY(wait_for(socket, POLLIN, deadline_ns));
        const ssize_t count = ::recvmsg(socket, &received, MSG_CMSG_CLOEXEC);
        if (count < 0 && errno == EINTR) continue;
        if (count == 0 || (count < 0 && errno == ECONNRESET)) {
            return Error{ErrorCode::unavailable, "the other side of the query's socket is gone"};
        }
        if (count < 0) return io_error("recvmsg", errno);
        for (cmsghdr* header = CMSG_FIRSTHDR(&received); header != nullptr; header = CMSG_NXTHDR(&received, header)) {
            if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
            const size_t descriptors = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
            for (size_t i = 0; i < descriptors; ++i) {
                int value = -1;
                std::memcpy(&value, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
                message.descriptors.emplace_back(value);
            }
        }
        have += static_cast<size_t>(count);
        if (!head_done && have == sizeof head) {
            size_t size = 0;
            for (int i = 0; i < 4; ++i) size |= static_cast<size_t>(static_cast<unsigned char>(head[i])) << (8 * i);
            message.kind = static_cast<MessageKind>(head[4]);
            if (size > message_bytes_max || message.kind < MessageKind::ready || message.kind > MessageKind::failed) {
                return Error{ErrorCode::corruption, "a frame on the query's socket makes no sense"};
            }
            message.payload.resize(size);
            head_done = true;
            have = 0;
            total = size;
        }
    }
    return message;
}

}  // namespace millrace::query
