// How long a key's attributes may be.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
#pragma once

#include <cstddef>

namespace millrace::table {

constexpr size_t partition_key_bytes_max = 2048;
constexpr size_t sort_key_bytes_max = 1024;

}  // namespace millrace::table
