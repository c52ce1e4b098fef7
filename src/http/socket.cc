#include "src/http/socket.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/base/result.h"

namespace millrace::http {
namespace {

constexpr size_t record_bytes_max = 16 * 1024;  // TLS's own bound on a record

ptrdiff_t outcome(ptrdiff_t bytes) {
    if (bytes >= 0) return bytes;
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? Socket::would_block : Socket::failed;
}

ptrdiff_t tls_outcome(SSL* tls, int result) {
    switch (SSL_get_error(tls, result)) {
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE:
            return Socket::would_block;
        case SSL_ERROR_ZERO_RETURN:
            return 0;
        default:
            ERR_clear_error();
            return Socket::failed;
    }
}

}  // namespace

void Socket::begin_tls(ssl_ctx_st* context) {
    tls_ = SSL_new(context);
    MILLRACE_CHECK(tls_ != nullptr && SSL_set_fd(tls_, descriptor_) == 1);
    SSL_set_accept_state(tls_);
    in_handshake_ = true;
}

Socket::Handshake Socket::handshake() {
    ERR_clear_error();
    int result = SSL_accept(tls_);
    if (result == 1) {
        in_handshake_ = false;
        return Handshake::done;
    }
    return tls_outcome(tls_, result) == would_block ? Handshake::would_block : Handshake::failed;
}

std::string Socket::chosen_protocol() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    if (tls_) SSL_get0_alpn_selected(tls_, &name, &size);
    return name ? std::string(reinterpret_cast<const char*>(name), size) : std::string();
}

ptrdiff_t Socket::peek(char* out, size_t size) {
    return outcome(::recv(descriptor_, out, size, MSG_PEEK));
}

ptrdiff_t Socket::read(char* out, size_t size) {
    if (!tls_) return outcome(::recv(descriptor_, out, size, 0));
    ERR_clear_error();
    int result = SSL_read(tls_, out, static_cast<int>(std::min<size_t>(size, INT_MAX)));
    return result > 0 ? result : tls_outcome(tls_, result);
}

ptrdiff_t Socket::write(const iovec* pieces, int count) {
    if (!tls_) {
        msghdr message{};
        message.msg_iov = const_cast<iovec*>(pieces);
        message.msg_iovlen = static_cast<size_t>(count);
        return outcome(::sendmsg(descriptor_, &message, MSG_NOSIGNAL));
    }
    const void* bytes = pieces[0].iov_base;
    size_t size = std::min<size_t>(pieces[0].iov_len, INT_MAX);
    if (size < record_bytes_max && count > 1) {
        if (!record_) record_.reset(new char[record_bytes_max]);
        size = 0;
        for (int i = 0; i < count && size < record_bytes_max; ++i) {
            size_t part = std::min(pieces[i].iov_len, record_bytes_max - size);
            std::memcpy(record_.get() + size, pieces[i].iov_base, part);
            size += part;
        }
        bytes = record_.get();
    }
    ERR_clear_error();
    // After would_block the next call offers the same bytes, from wherever they are then: see the modes in tls.cc.
    int result = SSL_write(tls_, bytes, static_cast<int>(size));
    if (result > 0) return result;
    ptrdiff_t refused = tls_outcome(tls_, result);
    return refused == 0 ? failed : refused;
}

void Socket::end_output() {
    if (descriptor_ < 0) return;
    if (tls_ && !in_handshake_) {
        ERR_clear_error();
        SSL_shutdown(tls_);
        ERR_clear_error();
    }
    ::shutdown(descriptor_, SHUT_WR);
}

void Socket::reset_on_close() {
    linger at_once{1, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void Socket::close() {
    if (tls_) SSL_free(tls_);
    tls_ = nullptr;
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
}

}  // namespace millrace::http
