// Is a payload JSON, as every event must be?
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace millrace::service::lambda {

// nullopt where it is one JSON value; else what is wrong with it. At most some milliseconds for 6 MB.
std::optional<std::string> json_problem(std::string_view payload);

}  // namespace millrace::service::lambda
