// What TestInvokeMethod tells of a request's way, as API Gateway's execution log has it.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-test-method.html
#pragma once

#include <string>
#include <string_view>

#include "src/base/named.h"
#include "src/gateway/rest/call.h"

namespace millrace::io {
class Clock;
}

namespace millrace::gateway {

class ExecutionLog {  // one thread at a time, as the call that it is of
  public:
    static constexpr size_t text_bytes_max = 64 << 10;  // of one line; what is over is cut
    static constexpr size_t bytes_max = 1 << 20;        // of all; what is over is left out

    ExecutionLog(std::string_view request_id, const io::Clock& clock);
    void add(std::string_view what, std::string_view value = "");
    std::string take() { return std::move(text_); }

  private:
    const io::Clock& clock_;
    std::string text_;
};

// Each says nothing where the call has no log.
void log_method_request(const Call& call);
void log_endpoint_request(const Call& call, std::string_view uri, const http::Headers& headers, std::string_view body);
void log_endpoint_answer(const Call& call, int status, const http::Headers& headers, std::string_view body);
void log_method_answer(const Call& call, const http::Response& response);

}  // namespace millrace::gateway
