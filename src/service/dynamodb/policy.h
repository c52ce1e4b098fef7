// Resource policies: kept and given back, not enforced (README.md).
#pragma once

#include <optional>
#include <string>

#include "src/aws/failure.h"
#include "src/base/named.h"

namespace millrace::service::dynamodb {

constexpr size_t policy_bytes_max = 20 * 1024;  // whitespace counts, as on AWS

// ValidationException where it is not a policy's JSON.
std::optional<aws::Failure> check_policy(const std::string& policy);
// A number of milliseconds, as AWS's; above `previous` ("" where there was none).
std::string new_revision(TimestampMs now, const std::string& previous);

}  // namespace millrace::service::dynamodb
