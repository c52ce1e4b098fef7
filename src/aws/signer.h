// The client's half of SigV4: signs requests for `millrace produce`, the demo and the benchmark.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/named.h"
#include "src/http/message.h"

namespace millrace::aws {

struct Credentials {
    std::string access_key_id;
    std::string secret;
};

// Adds x-amz-date, x-amz-content-sha256 (S3 alone) and authorization to the head, over its host, content-type, x-amz-*
// headers and the whole body. `head.headers` must hold "host" as it will be sent. One thread at a time; the key derived
// for a day is kept, so one signer per connection is cheap.
class Signer {
  public:
    Signer(Credentials credentials, std::string region, std::string service);
    ~Signer();
    Signer(Signer&&) noexcept;
    void sign(http::RequestHead& head, std::string_view body, TimestampMs now);
    // The query string of a presigned URL for the head (method, path, query, host), good for `expires_s`.
    std::string presigned_query(const http::RequestHead& head, TimestampMs now, uint32_t expires_s);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace millrace::aws
