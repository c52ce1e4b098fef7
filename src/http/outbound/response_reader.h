// One HTTP/1.1 response, whole, from wherever its bytes come.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "src/base/result.h"
#include "src/http/client.h"

namespace millrace::http {

struct ResponseLimits {
    bool answers_head = false;  // the request was a HEAD
    uint64_t body_bytes_max = 0;
    uint32_t head_bytes_max = 65'536;
};

class ResponseReader {
  public:
    // Puts up to `size` bytes at `out`; 0 at the end of the connection.
    using Read = std::function<Result<size_t>(char* out, size_t size)>;

    ResponseReader(ResponseLimits limits, Read read) : limits_(limits), read_(std::move(read)) {}
    // corruption, resource_exhausted, unavailable where the connection ends inside the response, and what Read gives.
    // Once.
    Result<ClientResponse> read();
    bool began() const { return began_; }  // whether any byte came
    // Bytes behind the response: whoever sends them is not to be asked again on this connection.
    bool has_rest() const { return at_ < input_.size(); }

  private:
    Result<size_t> more();
    Status sized_body(uint64_t size, std::string* body);
    Status endless_body(std::string* body);
    Status chunked_body(std::string* body);
    Error too_large() const;

    const ResponseLimits limits_;
    const Read read_;
    std::string input_;  // came, not yet understood, from at_ on
    size_t at_ = 0;
    bool began_ = false;
};

}  // namespace millrace::http
