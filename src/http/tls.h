// The server's side of TLS: which certificate, which versions, which protocols inside.
#pragma once

#include <memory>

#include "src/base/result.h"
#include "src/http/server.h"

struct ssl_ctx_st;

namespace millrace::http {

class TlsContext {
  public:
    // Loads the certificate named in `options`, or makes (once, and keeps) a self-signed one.
    // Errors: invalid_argument where a file can not be read or the key does not fit; io where the generated one can not
    // be kept.
    static Result<std::unique_ptr<TlsContext>> make(const TlsOptions& options);
    ~TlsContext();
    TlsContext(const TlsContext&) = delete;
    TlsContext& operator=(const TlsContext&) = delete;

    ssl_ctx_st* get() const { return context_; }

  private:
    explicit TlsContext(ssl_ctx_st* context) : context_(context) {}
    ssl_ctx_st* context_;
};

}  // namespace millrace::http
