// What all kinds of Invoke share: from a request to an Invocation, and why a function did not run.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "src/aws/call.h"
#include "src/function/functions.h"

namespace millrace::service::lambda {

struct InvocationMembers {
    const std::optional<std::string>& payload;
    const std::optional<std::string>& client_context;  // in base64
    const std::optional<std::string>& log_type;
    std::string_view type;  // "RequestResponse", for the message
    size_t payload_bytes_max;
};

// RequestTooLargeException, InvalidRequestContentException, InvalidParameterValueException. The time it takes is the
// payload's size: its JSON is checked.
aws::Outcome<function::Invocation> make_invocation(const aws::CallContext& context, const function::FunctionName& name,
                                                   const InvocationMembers& members);

aws::Failure not_run(function::Functions& functions, const function::FunctionName& name, const Error& error);

}  // namespace millrace::service::lambda
