// CloudWatch Logs' named errors, with AWS's sentences where they are known.
#pragma once

#include <string>

#include "src/aws/failure.h"
#include "src/base/result.h"

namespace millrace::service::logs {

aws::Failure invalid_parameter(std::string message);
aws::Failure no_group();
aws::Failure failure_of(const Error& error);

}  // namespace millrace::service::logs

// LOGS_TRY(status): fail with its error as the service names it. LOGS_TRY_ASSIGN(auto x, result): the same, else the
// value.
#define LOGS_TRY(expression)                                                   \
    do {                                                                       \
        if (auto logs_status = (expression); !logs_status.ok()) {              \
            return ::millrace::service::logs::failure_of(logs_status.error()); \
        }                                                                      \
    } while (false)
#define LOGS_TRY_ASSIGN_INNER(result, declaration, expression)                      \
    auto result = (expression);                                                     \
    if (!result.ok()) return ::millrace::service::logs::failure_of(result.error()); \
    declaration = std::move(result).value()
#define LOGS_TRY_ASSIGN(declaration, expression) \
    LOGS_TRY_ASSIGN_INNER(MILLRACE_CONCAT(logs_result_, __LINE__), declaration, expression)
