// What a destination is told of an asynchronous call, in AWS's form:
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
#pragma once

#include <string>
#include <string_view>

#include "src/function/async/event.h"
#include "src/function/functions.h"

namespace millrace::function {

// `condition`: "Success", "RetriesExhausted" or "EventAgeExceeded". `result` is null where the function never ran to
// an answer.
std::string destination_record(const AsyncEvent& event, std::string_view condition, const InvocationResult* result,
                               TimestampMs now);

// The ARN of what the event ran, with its qualifier.
std::string invoked_arn(const AsyncEvent& event);

// "aws/lambda/async/orders/2026/11/21/2026-11-21T18.30.00-UUID", as AWS names objects in a bucket.
std::string destination_key(const AsyncEvent& event, TimestampMs now);

}  // namespace millrace::function
