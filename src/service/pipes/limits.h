// The service's limits and defaults that the model does not have.
// https://docs.aws.amazon.com/eventbridge/latest/pipes-reference/API_CreatePipe.html
#pragma once

#include <cstddef>
#include <cstdint>

namespace millrace::service::pipes {

inline constexpr size_t tags_max = 50;
inline constexpr uint32_t batch_size_default = 1;
inline constexpr int32_t page_size_default = 100;
inline constexpr size_t reason_characters_max = 512;  // of StateReason

}  // namespace millrace::service::pipes
