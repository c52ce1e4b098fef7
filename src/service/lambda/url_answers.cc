#include "src/service/lambda/url_answers.h"

#include <boost/json.hpp>

#include "src/gateway/integration/proxy_payload.h"
#include "src/http/characters.h"
#include "src/http/server.h"
#include "src/service/lambda/answer_buffer.h"
#include "src/service/lambda/url_cors.h"

namespace millrace::service::lambda {
namespace {

namespace json = boost::json;

constexpr std::string_view prelude_end("\0\0\0\0\0\0\0\0", 8);

http::Response bad_gateway() {
    http::Response response;
    response.status = 502;
    response.headers.add("content-type", "application/json");
    response.body = R"({"Message":"Internal Server Error"})";
    return response;
}

http::Response not_run(const Error& error) {
    if (error.code == ErrorCode::resource_exhausted) {
        return url_message(429, "Rate Exceeded.", "TooManyRequestsException");
    }
    if (error.code == ErrorCode::not_found) return url_message(404, "Not Found", "ResourceNotFoundException");
    return url_message(502, "Internal Server Error", "ServiceException");
}

class Streamed final : public StreamedUrlAnswer {
  public:
    explicit Streamed(UrlAnswer answer) : answer_(std::move(answer)) {}

    void begin(Head head) override {
        buffer_->set_resume(std::move(head.resume));
        content_type_ = head.content_type;
    }

    bool take(std::string_view bytes) override {
        if (responded_) return refused_ || buffer_->put(bytes);
        if (content_type_ != prelude_type) {
            respond_plain();
            return buffer_->put(bytes);
        }
        const size_t from = prelude_.size() < prelude_end.size() ? 0 : prelude_.size() - prelude_end.size() + 1;
        prelude_ += bytes;
        const size_t end = prelude_.find(prelude_end, from);
        if (end == std::string::npos && prelude_.size() <= prelude_bytes_max) return true;
        std::optional<http::Response> response;
        if (end <= prelude_bytes_max) response = response_of_prelude(std::string_view(prelude_).substr(0, end));
        if (!response) {
            refuse(bad_gateway());
            return true;
        }
        respond(std::move(*response));
        const std::string body = prelude_.substr(end + prelude_end.size());
        prelude_ = std::string();
        return body.empty() || buffer_->put(body);
    }

    void finish(Result<function::InvocationResult> result) override {
        const bool failed = !result.ok() || !result->function_error.empty();
        if (!responded_ && failed) return answer_.respond(result);
        if (!responded_ && content_type_ == prelude_type) return answer_.respond(bad_gateway());  // it has no end
        if (!responded_) respond_plain();
        buffer_->end(std::move(result));
    }

  private:
    void respond_plain() {
        http::Response response;
        response.headers.add("content-type", content_type_);
        respond(std::move(response));
    }
    void respond(http::Response response) {
        responded_ = true;
        response.source = answer_body(buffer_);
        answer_.respond(std::move(response));
    }
    void refuse(http::Response response) {
        responded_ = refused_ = true;
        prelude_ = std::string();
        answer_.respond(std::move(response));
    }

    const UrlAnswer answer_;
    const std::shared_ptr<AnswerBuffer> buffer_ = std::make_shared<AnswerBuffer>();
    std::string content_type_;
    std::string prelude_;  // what has come of it
    bool responded_ = false;
    bool refused_ = false;  // what comes is dropped
};

}  // namespace

http::Response url_message(int status, std::string_view text, std::string_view type) {
    http::Response response;
    response.status = status;
    response.headers.add("content-type", "application/json");
    response.headers.add("x-amzn-errortype", type);
    response.body = "{\"Message\":\"" + std::string(text) + "\"}";
    return response;
}

void UrlAnswer::respond(http::Response response) const {
    response.headers.set("x-amzn-requestid", request_id_);
    if (cors_) add_cors(exchange_->head(), *cors_, response);
    exchange_->respond(std::move(response));
}

void UrlAnswer::respond(const Result<function::InvocationResult>& result) const {
    if (!result.ok()) return respond(not_run(result.error()));
    if (!result->function_error.empty()) {
        return respond(url_message(502, "Internal Server Error", "InternalServerErrorException"));
    }
    respond(gateway::response_2_0(result->payload).value_or(bad_gateway()));
}

std::optional<http::Response> response_of_prelude(std::string_view text) {
    boost::system::error_code bad;
    json::value value = json::parse(json::string_view(text.data(), text.size()), bad);
    if (bad || !value.is_object()) return std::nullopt;
    json::object& head = value.get_object();
    if (!head.contains("statusCode")) head["statusCode"] = 200;
    head.erase("body");
    const json::value* headers = head.if_contains("headers");
    bool typed = false;
    if (headers != nullptr && headers->is_object()) {
        for (const auto& [name, unused] : headers->get_object()) typed |= http::equals_lower(name, "content-type");
    }
    std::optional<http::Response> response = gateway::response_2_0(json::serialize(value));
    if (!response) return std::nullopt;
    if (!typed) response->headers.set("content-type", "application/octet-stream");
    response->body.clear();
    return response;
}

std::shared_ptr<StreamedUrlAnswer> StreamedUrlAnswer::make(UrlAnswer answer) {
    return std::make_shared<Streamed>(std::move(answer));
}

}  // namespace millrace::service::lambda
