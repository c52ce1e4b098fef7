#include "src/http/tls.h"

#include <string>
#include <string_view>
#include <utility>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "src/http/certificate.h"

namespace millrace::http {
namespace {

// In our order of preference, as ALPN writes it: each name behind its length.
constexpr unsigned char offered[] = "\x02h2\x08http/1.1";

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size, const unsigned char* theirs,
                    unsigned theirs_size, void*) {
    unsigned char* found = nullptr;
    int result = SSL_select_next_proto(&found, chosen_size, offered, sizeof offered - 1, theirs, theirs_size);
    if (result != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;  // RFC 7301, section 3.2
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

Error tls_error(const std::string& what) {
    char text[256] = "unknown error";
    unsigned long code = ERR_get_error();
    if (code != 0) ERR_error_string_n(code, text, sizeof text);
    ERR_clear_error();
    return {ErrorCode::invalid_argument, what + ": " + text};
}

}  // namespace

Result<std::unique_ptr<TlsContext>> TlsContext::make(const TlsOptions& options) {
    std::string certificate = options.certificate_file;
    std::string key = options.key_file;
    if (certificate.empty() != key.empty()) {
        return {ErrorCode::invalid_argument, "TLS needs both a certificate and its key, or neither"};
    }
    if (certificate.empty()) {
        TRY_ASSIGN(CertificateFiles files, keep_certificate(options.generated_directory));
        certificate = files.certificate;
        key = files.key;
    }
    std::unique_ptr<TlsContext> made(new TlsContext(SSL_CTX_new(TLS_server_method())));
    SSL_CTX* context = made->context_;
    if (!context) return tls_error("can not begin TLS");
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION);
    // Partial writes, from wherever the bytes are at the next try: Socket::write counts on both. Idle connections give
    // their record buffers back.
    SSL_CTX_set_mode(context,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
    if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) {
        return tls_error("can not use the certificate " + certificate);
    }
    if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) {
        return tls_error("can not use the key " + key);
    }
    if (SSL_CTX_check_private_key(context) != 1) {
        return tls_error("the key " + key + " is not the one of the certificate " + certificate);
    }
    return made;
}

TlsContext::~TlsContext() {
    SSL_CTX_free(context_);
}

}  // namespace millrace::http
