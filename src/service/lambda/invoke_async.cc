// InvokeAsync, the API's first and long deprecated way to call asynchronously: as Invoke with InvocationType Event. Its
// arguments are a stream in the model; they are small, and gathered.
#include "src/io/executor.h"
#include "src/service/lambda/errors.h"
#include "src/service/lambda/invocation.h"
#include "src/service/lambda/lambda.h"
#include "src/service/lambda/limits.h"

namespace millrace::service::lambda {

using namespace aws::lambda;

void Lambda::invoke_async(aws::RawCall call) {
    aws::Outcome<InvokeAsyncInput> input = call.decode<InvokeAsyncInput>();
    if (!input.ok()) return call.fail(input.error());
    // It is written to disk.
    const auto task = [this, call, input = std::move(input).value()] { accept_async(call, input); };
    if (!parts_.executor.submit(task)) call.fail(throttled("CallerRateLimitExceeded"));
}

void Lambda::accept_async(const aws::RawCall& call, const InvokeAsyncInput& input) {
    const aws::CallContext& context = call.context();
    const aws::Outcome<function::FunctionName> name = name_of(context, input.FunctionName);
    if (!name.ok()) return call.fail(name.error());
    const std::optional<std::string> payload(call.body());
    const std::optional<std::string> none;
    aws::Outcome<function::Invocation> made =
        make_invocation(context, *name, {payload, none, none, "Event", event_payload_bytes_max});
    if (!made.ok()) return call.fail(made.error());
    const Result<std::string> accepted = functions_.invoke_later(std::move(made).value());
    if (!accepted.ok()) return call.fail(not_run(functions_, *name, accepted.error()));
    InvokeAsyncOutput output;
    output.Status = 202;
    call.succeed(output);
}

}  // namespace millrace::service::lambda
