// CloudWatch Logs' published limits (docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
// and the other operations' pages).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace millrace::service::logs {

constexpr int64_t put_bytes_max = 1'048'576;  // messages and 26 bytes each
constexpr int64_t hour_ms = 3'600'000;
constexpr int64_t day_ms = 24 * hour_ms;
constexpr int64_t put_span_ms_max = day_ms;
constexpr int64_t too_new_ms = 2 * hour_ms;
constexpr int64_t too_old_ms = 14 * day_ms;
constexpr size_t describe_count = 50;
constexpr size_t events_count_max = 10'000;
constexpr std::array retention_days = {1,   3,   5,   7,   14,   30,   60,   90,   120,  150,  180,
                                       365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653};

}  // namespace millrace::service::logs
