// Invoke: on the I/O thread up to the runtime, and answered from the runtime's thread. What would take long (large
// payloads, asynchronous calls, which are written to disk, and DryRun) goes by the executor.
#include "src/base/base64.h"
#include "src/io/executor.h"
#include "src/service/lambda/errors.h"
#include "src/service/lambda/invocation.h"
#include "src/service/lambda/lambda.h"
#include "src/service/lambda/limits.h"

namespace millrace::service::lambda {

using namespace aws::lambda;

namespace {

constexpr size_t quick_bytes_max = 64 << 10;

}  // namespace

void Lambda::invoke(const aws::CallContext& context, const InvokeInput& input, aws::Reply<InvokeOutput> reply) {
    aws::Outcome<function::FunctionName> name = name_of(context, input.FunctionName, input.Qualifier);
    if (!name.ok()) return reply(name.error());
    const bool quick = input.InvocationType.value_or("RequestResponse") == "RequestResponse" &&
                       (!input.Payload || input.Payload->size() <= quick_bytes_max);
    if (quick) return invoke_now(context, input, std::move(name).value(), reply);
    // Context and input live until the reply.
    const auto task = [this, &context, &input, name = std::move(name).value(), reply] {
        invoke_now(context, input, name, reply);
    };
    if (!parts_.executor.submit(task)) reply(throttled("CallerRateLimitExceeded"));
}

void Lambda::invoke_now(const aws::CallContext& context, const InvokeInput& input, function::FunctionName name,
                        const aws::Reply<InvokeOutput>& reply) {
    const std::string type = input.InvocationType.value_or("RequestResponse");
    aws::Outcome<function::Invocation> made =
        make_invocation(context, name,
                        {input.Payload, input.ClientContext, input.LogType, type,
                         type == "Event" ? event_payload_bytes_max : payload_bytes_max});
    if (!made.ok()) return reply(made.error());
    function::Invocation invocation = std::move(made).value();

    if (type == "DryRun") {
        const Status good = functions_.check(name);
        if (!good.ok()) return reply(not_run(functions_, name, good.error()));
        InvokeOutput output;
        output.StatusCode = 204;
        return reply(output);
    }
    if (type == "Event") {
        const Result<std::string> accepted = functions_.invoke_later(std::move(invocation));
        if (!accepted.ok()) return reply(not_run(functions_, name, accepted.error()));
        InvokeOutput output;
        output.StatusCode = 202;
        return reply(output);
    }
    functions_.invoke(std::move(invocation),
                      [this, name = std::move(name), reply](Result<function::InvocationResult> result) {
                          if (!result.ok()) return reply(not_run(functions_, name, result.error()));
                          InvokeOutput output;
                          output.StatusCode = 200;
                          output.Payload = std::move(result->payload);
                          output.ExecutedVersion = std::move(result->executed_version);
                          if (!result->function_error.empty()) {
                              output.FunctionError = std::move(result->function_error);
                          }
                          if (!result->log_tail.empty()) {
                              output.LogResult = base64_encode(std::string_view(result->log_tail));
                          }
                          reply(output);
                      });
}

}  // namespace millrace::service::lambda
