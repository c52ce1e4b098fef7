// The service's published limits that the model does not have.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html
#pragma once

#include <cstddef>

namespace millrace::service::scheduler {

inline constexpr size_t tags_max = 50;  // of a group

}  // namespace millrace::service::scheduler
