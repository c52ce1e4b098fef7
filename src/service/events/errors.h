// EventBridge's named errors, with AWS's sentences where they are known.
#pragma once

#include <string>

#include "src/aws/failure.h"
#include "src/base/result.h"

namespace millrace::service::events {

aws::Failure validation(std::string message);
aws::Failure invalid_pattern(const std::string& reason);
aws::Failure failure_of(const Error& error);

}  // namespace millrace::service::events

// EVENTS_TRY(status): fail with its error as the service names it. EVENTS_TRY_ASSIGN(auto x, result): the same, else
// the value.
#define EVENTS_TRY(expression)                                                     \
    do {                                                                           \
        if (auto events_status = (expression); !events_status.ok()) {              \
            return ::millrace::service::events::failure_of(events_status.error()); \
        }                                                                          \
    } while (false)
#define EVENTS_TRY_ASSIGN_INNER(result, declaration, expression)                      \
    auto result = (expression);                                                       \
    if (!result.ok()) return ::millrace::service::events::failure_of(result.error()); \
    declaration = std::move(result).value()
#define EVENTS_TRY_ASSIGN(declaration, expression) \
    EVENTS_TRY_ASSIGN_INNER(MILLRACE_CONCAT(events_result_, __LINE__), declaration, expression)
