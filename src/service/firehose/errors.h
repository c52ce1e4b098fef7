// Engine errors become Firehose's named errors here and nowhere else.
#pragma once

#include <string>
#include <string_view>

#include "src/aws/failure.h"
#include "src/base/result.h"
#include "src/base/scope.h"

namespace millrace::service::firehose {

aws::Failure failure_of(const Error& error);

// Firehose's own sentences.
aws::Failure not_found(const Scope& scope, std::string_view name);
aws::Failure already_exists(const Scope& scope, std::string_view name);
aws::Failure invalid_argument(std::string message);
// A parameter's value that we do not honour, refused by name.
aws::Failure not_honoured(std::string_view what, std::string_view why);

}  // namespace millrace::service::firehose
