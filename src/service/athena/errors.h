// Engine errors as Athena's named errors.
#pragma once

#include "src/aws/failure.h"
#include "src/base/result.h"

namespace millrace::service::athena {

aws::Failure failure_of(const Error& error);
// The same for the operations on databases and tables, which have an error of their own.
aws::Failure metadata_failure_of(const Error& error);
aws::Failure invalid_request(std::string message);

}  // namespace millrace::service::athena

// ATHENA_TRY(status): fail with its error as Athena names it. ATHENA_TRY_ASSIGN(auto x, result): the same, else the
// value.
#define ATHENA_TRY(expression)                                                     \
    do {                                                                           \
        if (auto athena_status = (expression); !athena_status.ok()) {              \
            return ::millrace::service::athena::failure_of(athena_status.error()); \
        }                                                                          \
    } while (false)
#define ATHENA_TRY_ASSIGN_INNER(result, declaration, expression)                      \
    auto result = (expression);                                                       \
    if (!result.ok()) return ::millrace::service::athena::failure_of(result.error()); \
    declaration = std::move(result).value()
#define ATHENA_TRY_ASSIGN(declaration, expression) \
    ATHENA_TRY_ASSIGN_INNER(MILLRACE_CONCAT(athena_result_, __LINE__), declaration, expression)
