#include "src/service/lambda/invocation.h"

#include "src/base/base64.h"
#include "src/service/lambda/errors.h"
#include "src/service/lambda/json_payload.h"
#include "src/service/lambda/limits.h"

namespace millrace::service::lambda {
namespace {

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

}  // namespace

aws::Outcome<function::Invocation> make_invocation(const aws::CallContext& context, const function::FunctionName& name,
                                                   const InvocationMembers& members) {
    function::Invocation invocation;
    invocation.function = name;
    invocation.payload = members.payload.value_or("");
    if (invocation.payload.empty()) invocation.payload = "{}";
    if (invocation.payload.size() > members.payload_bytes_max) {
        return too_large(invocation.payload.size(), members.type, members.payload_bytes_max);
    }
    if (const auto problem = json_problem(invocation.payload)) return no_json(*problem);
    if (members.client_context) {
        if (members.client_context->size() > client_context_bytes_max) {
            return invalid_parameter("Client context must be no more than 3583 bytes when base64-encoded.");
        }
        if (!base64_decode(*members.client_context, &invocation.client_context) ||
            (!invocation.client_context.empty() && json_problem(invocation.client_context))) {
            return no_json("the client context is not JSON in base64");
        }
    }
    invocation.want_log_tail = members.log_type.value_or("None") == "Tail";
    invocation.trace_header = context.head->headers.get("x-amzn-trace-id");
    invocation.request_id = context.request_id;
    return invocation;
}

aws::Failure not_run(function::Functions& functions, const function::FunctionName& name, const Error& error) {
    if (error.code == ErrorCode::not_found) return function_not_found(name.scope, name.name, name.qualifier);
    if (error.code == ErrorCode::unsupported) return {"InvalidRuntimeException", error.message, 502, {}, {}};
    if (error.code != ErrorCode::resource_exhausted) return failure_of(error);
    const auto record = functions.record(name.scope, name.name);
    const bool reserved = record.ok() && (*record)->reserved_concurrency;
    return throttled(reserved ? "ReservedFunctionConcurrentInvocationLimitExceeded"
                              : "ConcurrentInvocationLimitExceeded");
}

}  // namespace millrace::service::lambda
