// A small client of the public API for our own commands: the demo and `produce` see exactly what an SDK would.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "src/aws/signer.h"
#include "src/base/result.h"
#include "src/http/client.h"

namespace millrace::cli {

struct Endpoint {
    std::string host = "127.0.0.1";
    uint16_t port = 4566;
    std::string url() const;
};
// "http://127.0.0.1:4566". invalid_argument for anything else; https is refused by name.
Result<Endpoint> parse_endpoint(std::string_view url);

// How the services of the JSON protocols are addressed.
struct JsonService {
    std::string_view signing_name;   // "kinesis"
    std::string_view target_prefix;  // "Kinesis_20131202"
};
inline constexpr JsonService kKinesis{"kinesis", "Kinesis_20131202"};
inline constexpr JsonService kFirehose{"firehose", "Firehose_20150804"};
inline constexpr JsonService kGlue{"glue", "AWSGlue"};
inline constexpr JsonService kAthena{"athena", "AmazonAthena"};

struct ApiAnswer {
    int status = 0;
    std::string error;  // the service's error name where status is not 2xx: "ResourceNotFoundException"
    std::string body;
    bool ok() const { return status >= 200 && status < 300; }
};

// One connection. Credentials without an id leave requests unsigned. One thread at a time.
class ApiClient {
  public:
    ApiClient(Endpoint endpoint, aws::Credentials credentials, std::string region);
    ~ApiClient();

    // An answer of any status; the Result fails only where none came (see http::Client).
    Result<ApiAnswer> call(const JsonService& service, std::string_view operation, std::string_view body);
    // `path` percent-encoded, `query` percent-encoded and sorted.
    Result<ApiAnswer> s3(std::string_view method, std::string_view path, std::string_view query, std::string_view body);

    // A route of our own under /_millrace/.
    Result<ApiAnswer> own(std::string_view method, std::string_view path, std::string_view query,
                          std::string_view body = "");

    // As above, and an answer that is not 2xx becomes an Error that carries the service's name and message.
    Result<std::string> must(const JsonService& service, std::string_view operation, std::string_view body);
    Result<std::string> must_s3(std::string_view method, std::string_view path, std::string_view query,
                                std::string_view body);

    // The error is the message alone, where there is one.
    Result<std::string> must_own(std::string_view method, std::string_view path, std::string_view query,
                                 std::string_view body = "");

  private:
    Result<ApiAnswer> addressed(std::string_view service, std::string_view method, std::string_view path,
                                std::string_view query, std::string_view body);
    Result<ApiAnswer> exchange(http::ClientRequest request);
    void sign(http::ClientRequest& request, std::string_view service, std::string_view path, std::string_view query);

    Endpoint endpoint_;
    aws::Credentials credentials_;
    std::string region_;
    std::unique_ptr<http::Client> client_;
    std::map<std::string, aws::Signer, std::less<>> signers_;
};

// A JSON string, with its quotes.
std::string json_quoted(std::string_view text);

}  // namespace millrace::cli
