// Signs requests as AWS's SDKs do (Signature Version 4, header form), for the commands that call the public API.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
#pragma once

#include <string>
#include <string_view>

#include "src/base/named.h"
#include "src/http/message.h"

namespace millrace::cli {

struct Credentials {
    std::string access_key;  // empty: requests go out unsigned
    std::string secret_key;
};

// One signer for one service and region; keeps the day's signing key. One thread at a time.
class Signer {
  public:
    Signer(Credentials credentials, std::string region, std::string service);
    // Adds x-amz-date, x-amz-content-sha256 (for S3) and authorization. `headers` carries host already; every header in
    // it is signed. `path` and `query` are percent-encoded as they will be sent, `query` with its parameters sorted.
    void sign(std::string_view method, std::string_view path, std::string_view query, std::string_view body,
              TimestampMs now, http::Headers& headers);

  private:
    const std::string& signing_key(std::string_view day);

    Credentials credentials_;
    std::string region_;
    std::string service_;
    std::string key_day_;
    std::string key_;
};

}  // namespace millrace::cli
