// What a function URL answers with: a function's whole answer, or (InvokeMode RESPONSE_STREAM) its answer as it comes.
// https://docs.aws.amazon.com/lambda/latest/dg/config-rs-invoke-furls.html
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "src/function/functions.h"
#include "src/http/message.h"

namespace millrace::http {
class Exchange;
}

namespace millrace::service::lambda {

// {"Message": "..."} under AWS's x-amzn-errortype.
http::Response url_message(int status, std::string_view text, std::string_view type);

// What becomes of a call: its request id and CORS are added. `exchange` is answered once.
class UrlAnswer {
  public:
    UrlAnswer(std::shared_ptr<http::Exchange> exchange, std::optional<function::UrlCors> cors, std::string request_id)
        : exchange_(std::move(exchange)), cors_(std::move(cors)), request_id_(std::move(request_id)) {}
    void respond(http::Response response) const;
    // The whole answer, or why there is none.
    void respond(const Result<function::InvocationResult>& result) const;

  private:
    const std::shared_ptr<http::Exchange> exchange_;
    const std::optional<function::UrlCors> cors_;
    const std::string request_id_;
};

// Where a streamed answer's head ends, and what it says: JSON ({"statusCode", "headers", "cookies"}), then 8 NULs,
// where its content type is `prelude_type`.
constexpr std::string_view prelude_type = "application/vnd.awslambda.http-integration-response";
constexpr size_t prelude_bytes_max = 64 * 1024;
// nullopt where it is no JSON, or names what HTTP does not allow. Without a body.
std::optional<http::Response> response_of_prelude(std::string_view json);

// A sink that answers as bytes come. finish() is for the invocation's `done`.
class StreamedUrlAnswer : public function::AnswerSink {
  public:
    static std::shared_ptr<StreamedUrlAnswer> make(UrlAnswer answer);
    virtual void finish(Result<function::InvocationResult> result) = 0;
};

}  // namespace millrace::service::lambda
