// How groups and streams are named at the edge, and the tokens of pages: positions as 56 digits, as AWS's look.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "src/aws/failure.h"
#include "src/base/scope.h"
#include "src/journal/journal.h"

namespace millrace::service::logs {

// "arn:aws:logs:us-east-1:000000000000:log-group:NAME", without the ":*" that some operations show.
std::string group_arn(const Scope& scope, std::string_view group);
// The name in such an ARN, with or without ":*". InvalidParameterException, or ResourceNotFoundException for another
// account's or region's.
aws::Outcome<std::string> group_of_arn(const Scope& scope, std::string_view arn);
// Of logGroupName and logGroupIdentifier (a name or an ARN) exactly one.
aws::Outcome<std::string> group_of(const Scope& scope, const std::optional<std::string>& name,
                                   const std::optional<std::string>& identifier);

std::string digits(journal::Position position);
std::optional<journal::Position> position_of(std::string_view digits);

}  // namespace millrace::service::logs
