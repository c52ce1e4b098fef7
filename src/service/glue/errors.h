// Engine errors as Glue's named errors.
#pragma once

#include "aws/glue/shapes.h"

#include "src/aws/failure.h"
#include "src/base/result.h"

namespace millrace::service::glue {

aws::Failure failure_of(const Error& error);
// The same for one item of a batch.
aws::glue::ErrorDetail error_detail_of(const Error& error);
aws::Failure invalid_input(std::string message);

}  // namespace millrace::service::glue

// GLUE_TRY(status): fail with its error as Glue names it. GLUE_TRY_ASSIGN(auto x, result): the same, else the value.
#define GLUE_TRY(expression)                                                   \
    do {                                                                       \
        if (auto glue_status = (expression); !glue_status.ok()) {              \
            return ::millrace::service::glue::failure_of(glue_status.error()); \
        }                                                                      \
    } while (false)
#define GLUE_TRY_ASSIGN_INNER(result, declaration, expression)                      \
    auto result = (expression);                                                     \
    if (!result.ok()) return ::millrace::service::glue::failure_of(result.error()); \
    declaration = std::move(result).value()
#define GLUE_TRY_ASSIGN(declaration, expression) \
    GLUE_TRY_ASSIGN_INNER(MILLRACE_CONCAT(glue_result_, __LINE__), declaration, expression)
