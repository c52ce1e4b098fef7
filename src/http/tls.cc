#include "src/http/tls.h"

#include <openssl/ssl.h>

namespace millrace::http {

Result<std::unique_ptr<TlsContext>> TlsContext::make(const TlsOptions&) {
    return {ErrorCode::unsupported, "TLS is not built in yet"};
}

TlsContext::~TlsContext() {
    SSL_CTX_free(context_);
}

}  // namespace millrace::http
