// API Gateway's identifiers: lower-case letters and digits, drawn by chance.
#pragma once

#include <cstddef>
#include <string>

namespace millrace::gateway {

constexpr size_t api_id_size = 10;  // REST APIs, resources, API keys
constexpr size_t part_id_size = 6;  // what belongs to a REST API, usage plans
constexpr size_t key_value_size = 40;

// Letters first, as they are labels of host names.
std::string new_id(size_t size);

}  // namespace millrace::gateway
