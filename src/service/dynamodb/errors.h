// DynamoDB's named errors, with AWS's sentences where they are known.
#pragma once

#include <string>
#include <string_view>

#include "src/aws/failure.h"
#include "src/base/result.h"

namespace millrace::service::dynamodb {

aws::Failure validation(std::string message);
// "One or more parameter values were invalid: ..."
aws::Failure invalid_parameter(std::string_view message);
// "1 validation error detected: Value 'x' at 'y' failed to satisfy constraint: ..."
aws::Failure constraint(std::string_view value, std::string_view place, std::string_view rule);
aws::Failure resource_not_found(std::string message);
// "Requested resource not found": items' operations; with the table's name: the control plane's.
aws::Failure table_not_found();
aws::Failure table_not_found(std::string_view table);
aws::Failure resource_in_use(std::string message);
aws::Failure limit_exceeded(std::string message);
aws::Failure access_denied(std::string message);
// An engine's error where nothing better is known: not_found is the table's, invalid_argument carries AWS's sentence.
aws::Failure failure_of(const Error& error);

}  // namespace millrace::service::dynamodb

// Returns the failure that a check found: TRY_CHECK(check_key(*table, key));
#define TRY_CHECK(expression)                                           \
    do {                                                                \
        if (auto found = (expression)) return std::move(found).value(); \
    } while (false)
