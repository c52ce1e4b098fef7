// Reads the head of an HTTP/1.1 response, for the client.
#pragma once

#include <cstdint>
#include <string_view>

#include "src/base/result.h"
#include "src/http/client.h"

namespace millrace::http {

class ResponseParser {
  public:
    explicit ResponseParser(bool answers_head, size_t bytes_max = head_bytes_max)
        : answers_head_(answers_head), bytes_max_(bytes_max) {}
    // Takes whole lines off the front of `bytes` into `response`; true at the end of the head. Interim responses (1xx)
    // are skipped. corruption where it is not HTTP/1.1, or larger than bytes_max, all interim
    // ones included.
    Result<bool> feed(std::string_view bytes, size_t* taken, ClientResponse* response);

    // How the body is delimited; after feed() gave true.
    bool chunked() const { return chunked_; }
    bool until_close() const { return until_close_; }
    uint64_t content_length() const { return content_length_; }

    static constexpr size_t head_bytes_max = 256 * 1024;

  private:
    Status status_line(std::string_view line, ClientResponse* response);
    Status field(std::string_view line, ClientResponse* response);
    Status finish(ClientResponse* response);

    const bool answers_head_;
    const size_t bytes_max_;
    size_t taken_ = 0;
    bool chunked_ = false;
    bool until_close_ = false;
    bool has_length_ = false;
    bool is_1_0_ = false;
    uint64_t content_length_ = 0;
};

}  // namespace millrace::http
