#include "src/aws/local_exchange.h"

#include <atomic>
#include <cstring>
#include <memory>
#include <utility>

#include "src/aws/memory_body.h"
#include "src/aws/schema.h"
#include "src/http/waiting_source.h"
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

// A streamed answer that becomes a whole one. Where its source waits for somebody else, no worker does.
class Gathering final : public std::enable_shared_from_this<Gathering> {
  public:
    Gathering(http::Response response, io::Executor& executor, Done done)
        : answer_(answer_of(response)),
          source_(std::move(response.source)),
          waiting_source_(dynamic_cast<http::WaitingSource*>(source_.get())),
          executor_(executor),
          done_(std::move(done)) {}
    ~Gathering() {  // nobody is left who would read: the executor is full, or has stopped
        if (done_) done_({503, {}, "{\"message\":\"Too many requests wait already. Please try again.\"}"});
    }
    void go_on() {
        executor_.submit([self = shared_from_this()] { self->read(); });
    }

  private:
    void read() {
        std::string piece(64 * 1024, '\0');
        for (;;) {
            if (waiting_source_ != nullptr && !waiting_source_->ready([self = shared_from_this()] { self->go_on(); })) {
                return;  // and another worker may be here already
            }
            const Result<size_t> count = source_->read(piece);
            if (!count.ok()) {
                return end({500, {}, "{\"message\":\"The answer broke off: " + count.error().message + "\"}"});
            }
            if (*count == 0) return end(std::move(answer_));
            answer_.body.append(piece, 0, *count);
            if (answer_.body.size() > ServiceCaller::answer_bytes_max) return end(too_large());
        }
    }
    void end(ServiceAnswer answer) { std::exchange(done_, nullptr)(std::move(answer)); }

    ServiceAnswer answer_;
    const std::unique_ptr<http::BodySource> source_;
    http::WaitingSource* const waiting_source_;  // source_, where it is one
    io::Executor& executor_;
    Done done_;
};

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
        std::make_shared<Gathering>(std::move(response), executor_, std::move(done))->go_on();
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
