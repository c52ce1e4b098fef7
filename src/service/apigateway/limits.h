// API Gateway's published limits:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
#pragma once

#include <cstddef>
#include <cstdint>

namespace millrace::service::apigateway {

constexpr size_t page_default = 25;
constexpr size_t page_max = 500;
constexpr size_t resources_max = 300;  // of an API
constexpr size_t stages_max = 10;      // of an API
constexpr size_t authorizers_max = 10;
constexpr size_t models_max = 300;      // ours: AWS gives a bound of their size alone
constexpr size_t validators_max = 100;  // ours
constexpr size_t tags_max = 50;
constexpr size_t base_paths_max = 200;  // of a domain name
constexpr size_t template_bytes_max = 300 * 1024;
constexpr size_t schema_bytes_max = 400 * 1024;
constexpr size_t policy_bytes_max = 8 * 1024;
constexpr size_t api_bytes_max = 6 << 20;  // of an OpenAPI definition
constexpr int32_t integration_timeout_ms_min = 50;
constexpr int32_t integration_timeout_ms_max = 29'000;
constexpr int32_t compression_bytes_max = 10 << 20;
constexpr int32_t authorizer_ttl_s_max = 3600;
constexpr size_t key_value_bytes_min = 20;
constexpr size_t key_value_bytes_max = 128;
constexpr size_t variables_max = 100;  // of a stage

}  // namespace millrace::service::apigateway
