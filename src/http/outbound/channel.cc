#include "src/http/outbound/channel.h"

#include <cerrno>
#include <cstring>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <unistd.h>

namespace millrace::http {
namespace {

std::string last_tls_error() {
    char text[256] = "the connection broke";
    const unsigned long code = ERR_get_error();
    if (code != 0) ERR_error_string_n(code, text, sizeof text);
    ERR_clear_error();
    return text;
}

Error broke(std::string_view doing) {
    return {ErrorCode::unavailable, std::string(doing) + ": " + std::strerror(errno)};
}

}  // namespace

Result<std::shared_ptr<ssl_ctx_st>> make_client_tls(const std::string& ca_file) {
    std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    if (!context) return Error{ErrorCode::internal, "can not begin TLS: " + last_tls_error()};
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(context.get(),
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_default_verify_paths(context.get());
    static constexpr unsigned char protocols[] = "\x08http/1.1";
    SSL_CTX_set_alpn_protos(context.get(), protocols, sizeof protocols - 1);
    if (!ca_file.empty() && SSL_CTX_load_verify_locations(context.get(), ca_file.c_str(), nullptr) != 1)
        return Error{ErrorCode::invalid_argument,
                     "can not read certificates from " + ca_file + " (setting outbound-ca-file): " + last_tls_error()};
    ERR_clear_error();
    return context;
}

Result<std::unique_ptr<Channel>> Channel::connect(const ResolvedAddress& address, int stop, const TimeLeft& time) {
    const int descriptor = ::socket(address.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return io_error("socket", errno);
    std::unique_ptr<Channel> channel(new Channel(descriptor, stop));
    int one = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address.address), address.size) == 0) return channel;
    if (errno != EINPROGRESS) return broke("connect");
    TRY(wait_ready(descriptor, POLLOUT, stop, time));
    int problem = 0;
    socklen_t problem_size = sizeof problem;
    ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &problem, &problem_size);
    errno = problem;
    if (problem != 0) return broke("connect");
    return channel;
}

Channel::~Channel() {
    if (tls_) {
        ERR_clear_error();
        SSL_shutdown(tls_);  // says goodbye where there is room; does not wait
        SSL_free(tls_);
        ERR_clear_error();
    }
    ::close(descriptor_);
}

// After an SSL call that did not succeed: waits for what it wants, or says why it can not go on.
Status Channel::tls_wait(int outcome, std::string_view doing, const TimeLeft& time) {
    switch (SSL_get_error(tls_, outcome)) {
        case SSL_ERROR_WANT_READ:
            return wait_ready(descriptor_, POLLIN, stop_, time);
        case SSL_ERROR_WANT_WRITE:
            return wait_ready(descriptor_, POLLOUT, stop_, time);
        default:
            return {ErrorCode::unavailable, std::string(doing) + ": " + last_tls_error()};
    }
}

Status Channel::begin_tls(ssl_ctx_st* context, const std::string& host, const TimeLeft& time) {
    ERR_clear_error();
    tls_ = SSL_new(context);
    if (!tls_ || SSL_set_fd(tls_, descriptor_) != 1) return {ErrorCode::internal, "TLS: " + last_tls_error()};
    if (IpAddress literal; IpAddress::parse(host, &literal)) {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls_), host.c_str());
    } else {
        SSL_set_hostflags(tls_, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        SSL_set_tlsext_host_name(tls_, host.c_str());
        if (SSL_set1_host(tls_, host.c_str()) != 1) return {ErrorCode::internal, "TLS: " + last_tls_error()};
    }
    for (;;) {
        const int outcome = SSL_connect(tls_);
        if (outcome == 1) return {};
        const long verified = SSL_get_verify_result(tls_);
        if (verified != X509_V_OK) {
            ERR_clear_error();
            return {ErrorCode::unauthenticated, "the certificate of " + host +
                                                    " is not accepted: " + X509_verify_cert_error_string(verified) +
                                                    " (more authorities: setting outbound-ca-file)"};
        }
        TRY(tls_wait(outcome, "TLS", time));
    }
}

Status Channel::write(std::string_view bytes, const TimeLeft& time) {
    while (!bytes.empty()) {
        if (tls_) {
            ERR_clear_error();
            size_t sent = 0;
            const int outcome = SSL_write_ex(tls_, bytes.data(), bytes.size(), &sent);
            if (outcome == 1) {
                bytes.remove_prefix(sent);
            } else {
                TRY(tls_wait(outcome, "send", time));
            }
            continue;
        }
        const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent >= 0) {
            bytes.remove_prefix(static_cast<size_t>(sent));
        } else if (errno == EAGAIN) {
            TRY(wait_ready(descriptor_, POLLOUT, stop_, time));
        } else if (errno != EINTR) {
            return broke("send");
        }
    }
    return {};
}

Result<size_t> Channel::read(char* out, size_t size, const TimeLeft& time) {
    for (;;) {
        if (time.is_over()) return time.error();  // also where bytes keep trickling in
        if (tls_) {
            ERR_clear_error();
            size_t got = 0;
            const int outcome = SSL_read_ex(tls_, out, size, &got);
            if (outcome == 1) return got;
            if (SSL_get_error(tls_, outcome) == SSL_ERROR_ZERO_RETURN) return 0;
            TRY(tls_wait(outcome, "receive", time));
            continue;
        }
        const ssize_t got = ::recv(descriptor_, out, size, 0);
        if (got >= 0) return static_cast<size_t>(got);
        if (errno == EAGAIN) {
            TRY(wait_ready(descriptor_, POLLIN, stop_, time));
        } else if (errno != EINTR) {
            return broke("receive");
        }
    }
}

bool Channel::is_quiet() const {
    if (tls_) {
        // Session tickets may lie there, which are nobody's answer: reading takes them and shows what else there is.
        ERR_clear_error();
        char byte;
        const int outcome = SSL_peek(tls_, &byte, 1);
        const bool quiet = outcome <= 0 && SSL_get_error(tls_, outcome) == SSL_ERROR_WANT_READ;
        ERR_clear_error();
        return quiet;
    }
    pollfd now{descriptor_, POLLIN, 0};
    return ::poll(&now, 1, 0) == 0;
}

}  // namespace millrace::http
