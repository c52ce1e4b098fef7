// Invoke: on the I/O thread up to the runtime, and answered from the runtime's thread. What would take long (large
// payloads, asynchronous calls, which are written to disk, and DryRun) goes by the executor.
#include "src/base/base64.h"
#include "src/io/executor.h"
#include "src/service/lambda/errors.h"
#include "src/service/lambda/json_payload.h"
#include "src/service/lambda/lambda.h"
#include "src/service/lambda/limits.h"

namespace millrace::service::lambda {

using namespace aws::lambda;

namespace {

constexpr size_t quick_bytes_max = 64 << 10;

aws::Failure too_large(size_t size, std::string_view type, size_t most) {
    return {"RequestTooLargeException",
            std::to_string(size) + " byte payload is too large for the " + std::string(type) +
                " invocation type (limit " + std::to_string(most) + " bytes)",
            413,
            {{"Type", "User"}},
            {}};
}

aws::Failure no_json(std::string_view problem) {
    return {"InvalidRequestContentException",
            "Could not parse request body into json: Could not parse payload into json: " + std::string(problem),
            400,
            {{"Type", "User"}},
            {}};
}

// Why a function did not run.
aws::Failure not_run(function::Functions& functions, const function::FunctionName& name, const Error& error) {
    if (error.code == ErrorCode::not_found) return function_not_found(name.scope, name.name, name.qualifier);
    if (error.code == ErrorCode::unsupported) return {"InvalidRuntimeException", error.message, 502, {}, {}};
    if (error.code != ErrorCode::resource_exhausted) return failure_of(error);
    const auto record = functions.record(name.scope, name.name);
    const bool reserved = record.ok() && (*record)->reserved_concurrency;
    return throttled(reserved ? "ReservedFunctionConcurrentInvocationLimitExceeded"
                              : "ConcurrentInvocationLimitExceeded");
}

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
    function::Invocation invocation;
    invocation.function = name;
    invocation.payload = input.Payload.value_or("");
    if (invocation.payload.empty()) invocation.payload = "{}";
    const size_t most = type == "Event" ? event_payload_bytes_max : payload_bytes_max;
    if (invocation.payload.size() > most) return reply(too_large(invocation.payload.size(), type, most));
    if (const auto problem = json_problem(invocation.payload)) return reply(no_json(*problem));
    if (input.ClientContext) {
        if (input.ClientContext->size() > client_context_bytes_max) {
            return reply(invalid_parameter("Client context must be no more than 3583 bytes when base64-encoded."));
        }
        if (!base64_decode(*input.ClientContext, &invocation.client_context) ||
            (!invocation.client_context.empty() && json_problem(invocation.client_context))) {
            return reply(no_json("the client context is not JSON in base64"));
        }
    }
    invocation.want_log_tail = input.LogType.value_or("None") == "Tail";
    invocation.trace_header = context.head->headers.get("x-amzn-trace-id");
    invocation.request_id = context.request_id;

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
