// The engine's errors as the service's named ones.
#pragma once

#include <string>

#include "src/aws/failure.h"
#include "src/base/result.h"

namespace millrace::service::pipes {

aws::Failure invalid(std::string message);  // ValidationException
aws::Failure failure_of(const Error& error);

}  // namespace millrace::service::pipes

// As TRY and TRY_ASSIGN, of what the engine returns.
#define PIPES_TRY(expression)                                                                        \
    do {                                                                                             \
        if (auto try_status = (expression); !try_status.ok()) return failure_of(try_status.error()); \
    } while (false)
#define PIPES_TRY_ASSIGN_INNER(result, declaration, expression) \
    auto result = (expression);                                 \
    if (!result.ok()) return failure_of(result.error());        \
    declaration = std::move(result).value()
#define PIPES_TRY_ASSIGN(declaration, expression) \
    PIPES_TRY_ASSIGN_INNER(MILLRACE_CONCAT(try_result_, __LINE__), declaration, expression)
