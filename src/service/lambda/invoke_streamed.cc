// InvokeWithResponseStream: the answer begins when the function's does, and goes on from the runtime's thread.
#include "src/io/executor.h"
#include "src/service/lambda/answer_buffer.h"
#include "src/service/lambda/errors.h"
#include "src/service/lambda/invocation.h"
#include "src/service/lambda/lambda.h"
#include "src/service/lambda/limits.h"

namespace millrace::service::lambda {

using namespace aws::lambda;

namespace {

using Reply = aws::StreamedReply<InvokeWithResponseStreamOutput>;

// Begins the answer, at the latest when the call has ended.
class StreamedAnswer final : public function::AnswerSink {
  public:
    explicit StreamedAnswer(Reply reply) : reply_(std::move(reply)) {}

    void begin(Head head) override {
        buffer_->set_resume(std::move(head.resume));
        answer(std::string(head.executed_version));
    }
    bool take(std::string_view bytes) override { return buffer_->put(bytes); }

    // What `done` was told, where the function has run.
    void end(function::InvocationResult result) {
        if (!begun_) answer(result.executed_version);
        buffer_->end(std::move(result));
    }
    bool begun() const { return begun_; }
    void fail(Error error) { buffer_->end(std::move(error)); }
    void refuse(const aws::Failure& failure) { reply_(failure); }

  private:
    void answer(std::string executed_version) {
        begun_ = true;
        aws::Streamed<InvokeWithResponseStreamOutput> streamed;
        streamed.output.StatusCode = 200;
        streamed.output.ExecutedVersion = std::move(executed_version);
        streamed.source = answer_events(buffer_);
        reply_(std::move(streamed));
    }

    const Reply reply_;
    const std::shared_ptr<AnswerBuffer> buffer_ = std::make_shared<AnswerBuffer>();
    bool begun_ = false;
};

}  // namespace

void Lambda::invoke_with_response_stream(const aws::CallContext& context, const InvokeWithResponseStreamInput& input,
                                         Reply reply) {
    aws::Outcome<function::FunctionName> name = name_of(context, input.FunctionName, input.Qualifier);
    if (!name.ok()) return reply(name.error());
    // Context and input live until the reply.
    const auto task = [this, &context, &input, name = std::move(name).value(), reply] {
        invoke_streamed(context, input, name, reply);
    };
    if (!parts_.executor.submit(task)) reply(throttled("CallerRateLimitExceeded"));
}

void Lambda::invoke_streamed(const aws::CallContext& context, const InvokeWithResponseStreamInput& input,
                             const function::FunctionName& name, const Reply& reply) {
    const std::string type = input.InvocationType.value_or("RequestResponse");
    aws::Outcome<function::Invocation> made =
        make_invocation(context, name, {input.Payload, input.ClientContext, input.LogType, type, payload_bytes_max});
    if (!made.ok()) return reply(made.error());
    if (type == "DryRun") {
        const Status good = functions_.check(name);
        if (!good.ok()) return reply(not_run(functions_, name, good.error()));
        aws::Streamed<InvokeWithResponseStreamOutput> nothing;
        nothing.output.StatusCode = 204;
        return reply(std::move(nothing));
    }
    function::Invocation invocation = std::move(made).value();
    const auto answer = std::make_shared<StreamedAnswer>(reply);
    invocation.sink = answer;
    functions_.invoke(std::move(invocation), [this, name, answer](Result<function::InvocationResult> result) {
        if (result.ok()) return answer->end(std::move(result).value());
        if (answer->begun()) return answer->fail(result.error());
        answer->refuse(not_run(functions_, name, result.error()));
    });
}

}  // namespace millrace::service::lambda
