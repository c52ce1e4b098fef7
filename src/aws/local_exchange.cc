#include "src/aws/local_exchange.h"

#include <atomic>
#include <cstring>
#include <utility>

#include "src/aws/memory_body.h"
#include "src/aws/schema.h"
#include "src/io/executor.h"

namespace millrace::aws {
namespace {

using Done = std::function<void(ServiceAnswer)>;

ServiceAnswer too_large() {
    return {500, {{"content-type", "application/json"}}, "{\"message\":\"The answer is larger than 10 MB.\"}"};
}

ServiceAnswer answer_of(http::Response& response) {
    ServiceAnswer answer;
    answer.status = response.status;
    for (const auto& [name, value] : response.headers.fields()) answer.headers.emplace_back(name, value);
    answer.body = std::move(response.body);
    if (answer.body.size() > ServiceCaller::answer_bytes_max) return too_large();
    return answer;
}

ServiceAnswer gather(http::Response& response) {
    ServiceAnswer answer = answer_of(response);
    std::string piece(64 * 1024, '\0');
    for (;;) {
        const Result<size_t> count = response.source->read(piece);
        if (!count.ok()) return {500, {}, "{\"message\":\"The answer broke off: " + count.error().message + "\"}"};
        if (*count == 0) return answer;
        answer.body.append(piece, 0, *count);
        if (answer.body.size() > ServiceCaller::answer_bytes_max) return too_large();
    }
}

class LocalExchange final : public http::Exchange {
  public:
    LocalExchange(http::RequestHead head, std::string body, bool streamed, io::Executor& executor, Done done)
        : head_(std::move(head)), size_(body.size()), executor_(executor), done_(std::move(done)) {
        body_ = std::move(body);
        body_.append(http::body_padding, '\0');
        if (streamed) reader_ = std::make_unique<MemoryBody>(std::string_view(body_).substr(0, size_));
    }
    ~LocalExchange() override {
        if (done_) done_({500, {}, "{\"message\":\"The call went unanswered.\"}"});
    }
    const http::RequestHead& head() const override { return head_; }
    std::string_view body() const override {
        return reader_ ? std::string_view() : std::string_view(body_).substr(0, size_);
    }
    http::BodyReader* reader() override { return reader_.get(); }
    void respond(http::Response response) override {
        Done done = std::exchange(done_, nullptr);
        if (!done) return;
        if (response.source == nullptr) return done(answer_of(response));
        // Whoever answers may be an I/O thread, and a source blocks.
        auto waiting = std::make_shared<std::pair<http::Response, Done>>(std::move(response), std::move(done));
        if (executor_.submit([waiting] { waiting->second(gather(waiting->first)); })) return;
        waiting->second({503, {}, "{\"message\":\"Too many requests wait already. Please try again.\"}"});
    }

  private:
    const http::RequestHead head_;
    std::string body_;
    const size_t size_;
    std::unique_ptr<MemoryBody> reader_;
    io::Executor& executor_;
    Done done_;
};

}  // namespace

http::RequestHead local_head(const ServiceCall& call, const ServiceModel* model) {
    http::RequestHead head;
    head.method = call.method;
    head.path = call.path;
    head.query = call.query;
    head.content_length = call.body.size();
    head.peer_address = "127.0.0.1";
    for (const auto& [name, value] : call.headers) {
        // What would make another call of it than the one that was named.
        if (name == "host" || name == "authorization" || name == "content-length" || name == "x-amz-target" ||
            name == "smithy-protocol" || name == "x-amz-content-sha256" || name == "content-encoding" ||
            name == "transfer-encoding" || name.starts_with("x-amz-security-"))
            continue;
        head.headers.add(name, value);
    }
    head.headers.set("host", call.service + "." + call.scope.region + ".amazonaws.com");
    if (call.operation.empty() || model == nullptr) return head;
    if (!model->target_prefix.empty()) {
        head.headers.set("x-amz-target", std::string(model->target_prefix) + "." + call.operation);
        head.headers.set("content-type", "application/x-amz-json-" + std::string(model->json_version));
    }
    return head;
}

std::unique_ptr<http::Exchange> make_local_exchange(ServiceCall call, const ServiceModel* model, bool streamed_body,
                                                    io::Executor& executor, Done done) {
    http::RequestHead head = local_head(call, model);
    return std::make_unique<LocalExchange>(std::move(head), std::move(call.body), streamed_body, executor,
                                           std::move(done));
}

}  // namespace millrace::aws
